import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { maxTargets } from '../core/model/request.js';
import { labelsShape, remark, word } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { LabelMap, Optional, Remark } from '../validation/rules.js';

/** A freeze lasts for a day at most. */
const longestSeconds = 86_400;

/** What an admin asks to be frozen. */
@ApiSchema({
  name: 'FreezeTargets',
  description: 'On which targets nothing may be changed for a while: by name, or by labels.',
})
export class FreezeBody extends Input {
  /** 1 to 100 names, each once; or else `labels`. */
  @Optional()
  @ApiProperty({
    type: 'array',
    items: word,
    minItems: 1,
    maxItems: maxTargets,
    uniqueItems: true,
    required: false,
    example: ['orders'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxTargets)
  @ArrayUnique({ message: 'must name each target once' })
  @IsString({ each: true, message: 'must be the name of a target' })
  @Length(1, 256, { each: true, message: 'must be the name of a target' })
  targets?: string[];
  /** Every target that has all of these labels, one that a later configuration brings too; or else `targets`. */
  @Optional()
  @ApiPropertyOptional(labelsShape)
  @LabelMap()
  labels?: Record<string, string>;
  /** For how long: 1 second to 24 hours. It ends by itself. */
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 1, maximum: longestSeconds, required: true, example: 600 })
  @IsInt()
  @Min(1)
  @Max(longestSeconds)
  seconds?: number;
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'a release' })
  @Remark()
  reason?: string;
}

/** One freeze. */
@ApiSchema({ name: 'Freeze', description: 'A time in which nothing is changed on some targets.' })
export class FreezeDto {
  /** Give it to `DELETE /freezes/{id}`. */
  @ApiProperty({ type: 'string', maxLength: 64, example: 'frz_2f0c5f4e9f0c4c0c8f4d2b1a7c6e5d4f' })
  id!: string;
  /** The targets on which it holds now, as far as you may see them. */
  @ApiProperty({ type: [String], example: ['orders'] })
  targets!: readonly string[];
  /** The labels that say which; null where names do. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, nullable: true, example: null })
  labels!: Readonly<Record<string, string>> | null;
  /** Why, in the words of who asked for it; null if nothing was said. */
  @ApiProperty({ ...remark, nullable: true, example: 'a release' })
  reason!: string | null;
  /** Who asked for it. */
  @ApiProperty({ example: 'ops' })
  requestedBy!: string;
  /** Since when it holds. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  createdAt!: string;
  /** When it ends by itself. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:10:00.000Z' })
  expiresAt!: string;
}

/** The freezes that hold. */
@ApiSchema({ name: 'FreezeList', description: 'The freezes that hold, oldest first.' })
export class FreezeListDto {
  /** Those that hold on a target that you may see. */
  @ApiProperty({ type: [FreezeDto] })
  items!: readonly FreezeDto[];
}
