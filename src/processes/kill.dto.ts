import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { maxTargets } from '../core/model/request.js';
import { askedSeconds, exactWord, planIdShape, remark } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Once, Optional, QueryBoolean, QueryNumber, Remark } from '../validation/rules.js';
import { anId, idText, NamedProcessBody } from './named-process.dto.js';
import { SelectionQuery, sorts } from './selection.dto.js';

/** What a kill is asked for. */
export class KillQuery extends SelectionQuery {
  /** Names of targets, at least one, unless labels or a plan say which: `orders`. */
  @ValidateIf(({ plan, label, target }: KillQuery) => (plan ?? label) === undefined || target !== undefined)
  @ApiProperty({ type: 'array', minItems: 1, maxItems: maxTargets, items: exactWord, required: false })
  declare target?: string[];
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false })
  @Once()
  @Remark()
  reason?: string;
  /** The human behind an app, for the record: `sue`. */
  @Optional()
  @ApiProperty({ ...remark, required: false })
  @Once()
  @Remark()
  onBehalfOf?: string;
  /** True: do all but the kill itself. */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false })
  @QueryBoolean()
  dryRun?: string;
  /** Ask somebody else to approve it: it waits, and is carried out once somebody has. */
  @Optional()
  @ApiProperty({ enum: ['request'], required: false })
  @Once()
  @IsIn(['request'])
  approval?: 'request';
  /**
   * An emergency: carry it out at once, as if it had been approved. It takes a grant with `breakGlass`, and a reason of
   * at least 10 characters.
   */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false })
  @QueryBoolean()
  breakGlass?: string;
  /** Longest first: the order in which they are ended, and by which `first` chooses. */
  @Optional()
  @ApiProperty({ enum: sorts, required: false })
  @Once()
  @IsIn(sorts)
  sort?: (typeof sorts)[number];
  /**
   * Of what fits and is not protected, only the first so many, by `sort`: `5`. The others are left alone, and counted.
   */
  @Optional()
  @ApiProperty({ ...askedSeconds, minimum: 1, required: false })
  @QueryNumber()
  first?: string;
  /** Refuse when more processes match: `50`. Nothing is ever truncated. */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false })
  @QueryNumber()
  max?: string;
  /**
   * The plan of a dry run: ends exactly whom that told of, once. Besides it `reason`, `onBehalfOf` and the
   * parameters of its own dry run are taken.
   */
  @Optional()
  @ApiProperty({ ...planIdShape, required: false })
  @Once()
  @Length(1, 64)
  plan?: string;
}

/** The body form of a kill, for long lists of ids. */
export class KillBody extends Input {
  /** Processes of one or several targets, instead of `target`, `node` and `ids`: 1 to 1000. */
  @Optional()
  @ApiProperty({ type: [NamedProcessBody], minItems: 1, maxItems: 1000, required: false })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => NamedProcessBody)
  processes?: NamedProcessBody[];
  @ValidateIf(({ processes, target }: KillBody) => processes === undefined || target !== undefined)
  @ApiProperty({ type: String, required: false, example: 'orders' })
  @IsString()
  @Length(1, 256)
  target?: string;
  @Optional()
  @ApiProperty({ type: String, required: false, example: 'primary' })
  @IsString()
  @Length(1, 256)
  node?: string;
  /** 1 to 1000 ids; integers are taken too, as long as they are exact. */
  @ValidateIf(({ processes, ids }: KillBody) => processes === undefined || ids !== undefined)
  @ApiProperty({ type: [String], required: false, example: ['2075425', '2075426'] })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(idText) : value))
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsString({ each: true, message: anId })
  @Length(1, 256, { each: true, message: anId })
  ids?: string[];
  @Optional()
  @Remark()
  reason?: string;
  @Optional()
  @Remark()
  onBehalfOf?: string;
  @Optional()
  @IsIn(['request'])
  approval?: 'request';
  @Optional()
  @IsBoolean()
  breakGlass?: boolean;
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}
