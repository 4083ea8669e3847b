import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { maxTargets } from '../core/model/request.js';
import type { SessionSettings } from '../core/model/session-settings.js';
import type { Mode } from '../core/model/target.js';
import { askedSeconds, filterShape, labelsShape, planIdShape, remark, word } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { FilterText, LabelMap, Optional, Remark } from '../validation/rules.js';

const modes = ['graceful', 'forced'] as const satisfies readonly Mode[];

/** What a flush is asked for. */
@ApiSchema({ name: 'Flush', description: 'Which targets to flush, and how.' })
export class FlushBody extends Input {
  /** 1 to 100 names, each once. Required, unless labels or a plan say which. */
  @Optional()
  @ApiProperty({
    type: 'array',
    items: word,
    minItems: 1,
    maxItems: maxTargets,
    uniqueItems: true,
    required: false,
    example: ['bi-pool', 'ledger', 'carts'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxTargets)
  @ArrayUnique({ message: 'must name each target once' })
  @IsString({ each: true, message: 'must be the name of a target' })
  @Length(1, 256, { each: true, message: 'must be the name of a target' })
  targets?: string[];
  /** Stands for the targets granted to you that carry all of these labels, beside those that are named. */
  @Optional()
  @ApiPropertyOptional({ ...labelsShape, example: { env: 'prod' } })
  @LabelMap()
  labels?: Record<string, string>;
  /** `graceful` never ends a process seen executing something; `forced` ends everything. */
  @Optional()
  @ApiProperty({ enum: modes, required: false, default: 'graceful', example: 'graceful' })
  @IsIn(modes)
  mode?: Mode;
  /** Narrows a single target to one of its nodes. */
  @Optional()
  @ApiProperty({ ...word, required: false, example: 'primary' })
  @IsString()
  @Length(1, 256)
  node?: string;
  /**
   * Seconds idle from which a graceful flush ends a process, where idle time is known (TaurusDB, DCS, GeminiDB).
   * Default 60.
   */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false, example: 600 })
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  minIdleSeconds?: number;
  /**
   * Only those that this fits: whom they are logged in as.
   * Globs and `!` as in a kill; a list fits if any of it does.
   */
  @Optional()
  @ApiProperty({ ...filterShape, required: false, example: 'app_*' })
  @FilterText()
  user?: string | string[];
  /**
   * Only those that this fits: the database that they use.
   * Globs and `!` as in a kill; a list fits if any of it does.
   */
  @Optional()
  @ApiProperty({ ...filterShape, required: false, example: 'orders' })
  @FilterText()
  database?: string | string[];
  /**
   * Only those that this fits: what their program calls itself.
   * Globs and `!` as in a kill; a list fits if any of it does.
   */
  @Optional()
  @ApiProperty({ ...filterShape, required: false, example: 'psql' })
  @FilterText()
  application?: string | string[];
  /** Check first that every target can be reached, and refuse the whole call if one cannot. */
  @Optional()
  @ApiProperty({ type: Boolean, required: false, default: false, example: false })
  @IsBoolean()
  requireAll?: boolean;
  /**
   * The plan of a dry run: ends exactly whom that told of, once. Besides it `reason`, `onBehalfOf` and the
   * parameters of its own dry run are taken.
   */
  @Optional()
  @ApiProperty({ ...planIdShape, required: false })
  @IsString()
  @Length(1, 64)
  plan?: string;
  /** Ask somebody else to approve it: it waits, and is carried out once somebody has. */
  @Optional()
  @ApiProperty({ enum: ['request'], required: false })
  @IsIn(['request'])
  approval?: 'request';
  /**
   * An emergency: carry it out at once, as if it had been approved. It takes a grant with `breakGlass`, and a reason of
   * at least 10 characters.
   */
  @Optional()
  @ApiProperty({ type: Boolean, required: false, default: false })
  @IsBoolean()
  breakGlass?: boolean;
  /** Do all but the vendor's mutating calls. */
  @Optional()
  @ApiProperty({ type: Boolean, required: false, default: false, example: true })
  @IsBoolean()
  dryRun?: boolean;
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'nightly reload' })
  @Remark()
  reason?: string;
  /** The human behind an app, for the record. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'sue' })
  @Remark()
  onBehalfOf?: string;
}

/** The settings of a 1010data session. */
@ApiSchema({
  name: 'Settings',
  description: 'The parameters of a 1010data session. What is left out stays as it is.',
})
export class SettingsBody implements SessionSettings {
  /** Turn infinities and many errors of computations into N/A. */
  @ApiProperty({ example: true })
  @IsBoolean()
  infinityToNa!: boolean;
  /** Stepwise aggregation: less memory, slower queries. */
  @Optional()
  @ApiProperty({ type: Boolean, required: false, example: false })
  @IsBoolean()
  stepwise?: boolean;
  /** 0 to 10: whether selections and tabulations are cut into sections; lower when virtual memory is short. */
  @Optional()
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 0, maximum: 10, required: false, example: 0 })
  @IsInt()
  @Min(0)
  @Max(10)
  blocking?: number;
}

/** What a tune is asked for. */
@ApiSchema({ name: 'Tune', description: 'Which session to tune, and how.' })
export class TuneBody extends Input {
  /** A 1010data target without a pool. */
  @ApiProperty({ ...word, required: true, example: 'bi-user' })
  @IsString()
  @Length(1, 256)
  target?: string;
  /** The parameters to set. */
  @ApiProperty({ type: () => SettingsBody, required: true })
  @IsObject()
  @ValidateNested()
  @Type(() => SettingsBody)
  settings?: SettingsBody;
  /** Check everything, and send nothing. */
  @Optional()
  @ApiProperty({ type: Boolean, required: false, default: false, example: true })
  @IsBoolean()
  dryRun?: boolean;
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'large tabulation' })
  @Remark()
  reason?: string;
  /** The human behind an app, for the record. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'sue' })
  @Remark()
  onBehalfOf?: string;
}
