import { ApiProperty } from '@nestjs/swagger';
import { ArrayMinSize, IsIn, Length, ValidateIf } from 'class-validator';
import { processStates } from '../core/model/process.js';
import { maxTargets } from '../core/model/request.js';
import { askedSeconds, exactWord, mostRepeats, pageTokenShape, word } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { FilterValues, Once, Optional, QueryBoolean, QueryNumber } from '../validation/rules.js';

/** A parameter that may be given several times. */
function listOf(items: object): { type: 'array'; maxItems: number; items: object; required: false } {
  return { type: 'array', maxItems: mostRepeats, items, required: false };
}

const states = processStates.flatMap((state) => [state, `!${state}`]);

/** What to look at, or to kill: different parameters must all hold, of one parameter's values any. */
export class SelectionQuery extends Input {
  /** Names of targets, at least one, unless labels say which: `orders`. */
  @ValidateIf(({ label, target }: SelectionQuery) => label === undefined || target !== undefined)
  @ApiProperty({ type: 'array', minItems: 1, maxItems: maxTargets, items: exactWord, required: false })
  @FilterValues()
  @ArrayMinSize(1)
  target?: string[];
  /** Stands for the targets granted to you that carry it: `env:prod`. Given several times, all must fit. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  label?: string[];
  /** `skip`: targets that cannot judge a filter are left out and told, instead of refusing all. Default `refuse`. */
  @Optional()
  @ApiProperty({ enum: ['refuse', 'skip'], required: false })
  @Once()
  @IsIn(['refuse', 'skip'])
  inapplicable?: 'refuse' | 'skip';
  /** Names of nodes: `primary`. */
  @Optional()
  @ApiProperty(listOf(exactWord))
  @FilterValues()
  node?: string[];
  /** Ids of processes, exactly as a look shows them: `2075425`. A kill by ids takes exactly one target. */
  @Optional()
  @ApiProperty(listOf(exactWord))
  @FilterValues()
  id?: string[];
  /**
   * Whom they are logged in as: `app_*`, `!root`. `*` stands for any run of characters, a leading `!` excludes, `\`
   * escapes both.
   */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  user?: string[];
  /** Where they are connected from: `10.0.0.7` matches any port of it. Globs and `!` as for user. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  client?: string[];
  /** The database that they use: `orders`. Globs and `!` as for user. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  database?: string[];
  /** What their program calls itself: `psql`. Globs and `!` as for user. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  application?: string[];
  /** The kind of command that they run: `Sleep`. Globs and `!` as for user. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  command?: string[];
  /** The statement that they execute or executed last, by the vendor's id: `2718281828`. Globs and `!` as for user. */
  @Optional()
  @ApiProperty(listOf(word))
  @FilterValues()
  statementId?: string[];
  /** What they are doing; a leading `!` excludes. */
  @Optional()
  @ApiProperty(listOf({ type: 'string', enum: states }))
  @FilterValues()
  state?: string[];
  /** At least so many seconds without a statement: `600`. */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false })
  @QueryNumber()
  minIdleSeconds?: string;
  /** At least so many seconds in the same statement: `600`. */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false })
  @QueryNumber()
  minBusySeconds?: string;
  /** Connected for at least so many seconds: `86400`. */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false })
  @QueryNumber()
  minAgeSeconds?: string;
  /** In the same transaction for at least so many seconds: `300`. */
  @Optional()
  @ApiProperty({ ...askedSeconds, required: false })
  @QueryNumber()
  minTransactionSeconds?: string;
  /** True: only those that block others and are not blocked themselves. False: only others. */
  @Optional()
  @ApiProperty({ type: 'boolean', required: false })
  @QueryBoolean()
  blocking?: string;
}

/** The orders that a look can be given in, longest first. */
export const sorts = ['-idleSeconds', '-busySeconds', '-ageSeconds', '-transactionSeconds'] as const;

/** What a look is asked for. */
export class LookQuery extends SelectionQuery {
  /** One page, longest first, instead of by target, node and id. */
  @Optional()
  @ApiProperty({ enum: sorts, required: false })
  @Once()
  @IsIn(sorts)
  sort?: (typeof sorts)[number];
  /** `none`: only those that nothing protects, which a kill could end. */
  @Optional()
  @ApiProperty({ enum: ['none'], required: false })
  @Once()
  @IsIn(['none'])
  protected?: 'none';
  /** How many to a page: 0 to 10000, default 100; 0 gives counts only. */
  @Optional()
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 0, maximum: 10_000, required: false })
  @QueryNumber()
  limit?: string;
  /** `nextPageToken` of the page before, with the same query. */
  @Optional()
  @ApiProperty({ ...pageTokenShape, required: false })
  @Once()
  @Length(1, 2048)
  pageToken?: string;
}
