import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsString, Length } from 'class-validator';
import { Draft } from '../validation/draft.js';
import { FilterValues, Once, Optional, QueryBoolean, QueryNumber, Remark } from '../validation/rules.js';

const list: { type: [StringConstructor]; required: boolean } = { type: [String], required: false };
const seconds = { type: 'integer', minimum: 0, maximum: 999_999_999, required: false } as const;

/** What to look at, or to kill: different parameters must all hold, of one parameter's values any. */
export class SelectionQuery extends Draft {
  /** Names of targets, at least one. */
  @ApiProperty({ type: [String], required: true, example: ['orders'] })
  @FilterValues()
  @ArrayMinSize(1)
  target?: string[];
  /** Names of nodes. */
  @Optional()
  @ApiProperty({ ...list, example: ['primary'] })
  @FilterValues()
  node?: string[];
  /** Ids of processes, exactly as a look shows them. */
  @Optional()
  @ApiProperty({ ...list, example: ['2075425'] })
  @FilterValues()
  id?: string[];
  /** `*` stands for any run of characters, a leading `!` excludes; `\` escapes both. */
  @Optional()
  @ApiProperty({ ...list, example: ['app_*'] })
  @FilterValues()
  user?: string[];
  /** An address matches whatever its port. Globs and `!` as for user. */
  @Optional()
  @ApiProperty({ ...list, example: ['10.0.0.7'] })
  @FilterValues()
  client?: string[];
  /** Globs and `!` as for user. */
  @Optional()
  @ApiProperty({ ...list, example: ['orders'] })
  @FilterValues()
  database?: string[];
  /** Globs and `!` as for user. */
  @Optional()
  @ApiProperty({ ...list, example: ['psql'] })
  @FilterValues()
  application?: string[];
  /** Globs and `!` as for user. */
  @Optional()
  @ApiProperty({ ...list, example: ['Sleep'] })
  @FilterValues()
  command?: string[];
  /** active, idle, idleInTransaction or offline; a leading `!` excludes. */
  @Optional()
  @ApiProperty({ ...list, example: ['idle'] })
  @FilterValues()
  state?: string[];
  /** At least so many seconds without a statement. */
  @Optional()
  @ApiProperty({ ...seconds, example: 600 })
  @QueryNumber()
  minIdleSeconds?: string;
  /** At least so many seconds in the same statement. */
  @Optional()
  @ApiProperty({ ...seconds, example: 600 })
  @QueryNumber()
  minBusySeconds?: string;
  /** Connected for at least so many seconds. */
  @Optional()
  @ApiProperty({ ...seconds, example: 86_400 })
  @QueryNumber()
  minAgeSeconds?: string;
}

export const sorts = ['-idleSeconds', '-busySeconds', '-ageSeconds'] as const;

export class LookQuery extends SelectionQuery {
  /** One page, longest first, instead of by target, node and id. */
  @Optional()
  @ApiProperty({ enum: sorts, required: false, example: '-idleSeconds' })
  @Once()
  @IsIn(sorts)
  sort?: (typeof sorts)[number];
  /** 0 to 10000, default 100; 0 gives counts only. */
  @Optional()
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 10_000, required: false, example: 20 })
  @QueryNumber()
  limit?: string;
  /** `nextPageToken` of the page before, with the same query. */
  @Optional()
  @ApiProperty({ type: String, required: false })
  @Once()
  @Length(1, 2048)
  pageToken?: string;
}

export class KillQuery extends SelectionQuery {
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ type: String, required: false, example: 'runaway report' })
  @Once()
  @Remark()
  reason?: string;
  /** The human behind an app, for the record. */
  @Optional()
  @ApiProperty({ type: String, required: false, example: 'sue' })
  @Once()
  @Remark()
  onBehalfOf?: string;
  /** Do all but the kill itself. */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false, example: true })
  @QueryBoolean()
  dryRun?: string;
  /** Refuse when more processes match: nothing is ever truncated. */
  @Optional()
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 999_999_999, required: false, example: 50 })
  @QueryNumber()
  max?: string;
}

/** An id as text: integers are taken too, as long as they are exact. */
function idText(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}

/** The body form of a kill, for long lists of ids. */
export class KillBody extends Draft {
  @ApiProperty({ type: String, required: true, example: 'orders' })
  @IsString()
  @Length(1, 256)
  target?: string;
  @Optional()
  @ApiProperty({ type: String, required: false, example: 'primary' })
  @IsString()
  @Length(1, 256)
  node?: string;
  /** 1 to 1000 ids; integers are taken too, as long as they are exact. */
  @ApiProperty({ type: [String], required: true, example: ['2075425', '2075426'] })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(idText) : value))
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsString({ each: true, message: 'must be strings, or integers that are exact' })
  @Length(1, 256, { each: true, message: 'must have 1 to 256 characters' })
  ids?: string[];
  @Optional()
  @Remark()
  reason?: string;
  @Optional()
  @Remark()
  onBehalfOf?: string;
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}
