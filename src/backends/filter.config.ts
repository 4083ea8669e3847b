import { IsInt, Max, Min, ValidateBy, type ValidationArguments } from 'class-validator';
import type { TextFact } from '../core/model/process.js';
import { readWritten } from '../core/model/selection.js';
import { Optional } from '../validation/rules.js';

const longestValue = 256;
const mostValues = 100;

/**
 * Processes by what is known of them, in the grammar of look and kill: members that are named must all fit, of the
 * values of one member any.
 */
export class FilterConfig {
  /** Whom they are logged in as: `app_*`, `!root`. */
  @Optional()
  @FilterValue('user')
  user?: string | string[];

  /** Where they are connected from: `10.0.0.7` is any port of it. */
  @Optional()
  @FilterValue('client')
  client?: string | string[];

  /** The database that they use; on DCS its number, in quotes. */
  @Optional()
  @FilterValue('database')
  database?: string | string[];

  /** What their program calls itself. */
  @Optional()
  @FilterValue('application')
  application?: string | string[];

  /** The kind of command that they run. */
  @Optional()
  @FilterValue('command')
  command?: string | string[];

  /** The vendor's id of the statement that they execute, or executed last. */
  @Optional()
  @FilterValue('statementId')
  statementId?: string | string[];

  /** What they are doing: `active`, `!idle`. */
  @Optional()
  @FilterValue('state')
  state?: string | string[];

  /** The names of nodes that they live on, without globs. */
  @Optional()
  @FilterValue('node')
  node?: string | string[];

  /** At least so many seconds without a statement. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  minIdleSeconds?: number;

  /** At least so many seconds in the same statement. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  minBusySeconds?: number;

  /** Connected for at least so many seconds. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  minAgeSeconds?: number;

  /** In the same transaction for at least so many seconds. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  minTransactionSeconds?: number;
}

type ValueMember = 'node' | 'state' | TextFact;

/** One value of a filter, or a list of them. */
function FilterValue(member: ValueMember): PropertyDecorator {
  const rule = ValidateBy({
    name: 'filterValue',
    validator: {
      validate: (value) => errorOf(member, value) === null,
      defaultMessage: (tried?: ValidationArguments) => errorOf(member, tried?.value) ?? '',
    },
  });
  return (target, property) => {
    rule(target, property);
  };
}

function errorOf(member: ValueMember, value: unknown): string | null {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || values.length > mostValues || !values.every((one) => typeof one === 'string')) {
    return `must be a text in quotes, or a list of 1 to ${String(mostValues)} of them`;
  }
  if (values.some((one) => one.length === 0 || one.length > longestValue)) {
    return `must have 1 to ${String(longestValue)} characters`;
  }
  const [error] = readWritten({ [member]: values }).errors;
  return error === undefined ? null : error.message.replace(`${member} `, '').replace(/\.$/, '');
}
