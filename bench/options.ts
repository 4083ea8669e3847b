import { parseArgs } from 'node:util';
import { calls, rowNames, type CallName, type RowName } from './calls.ts';

export const extraNames = ['start', 'tail', 'overload', 'growth'] as const;
export type ExtraName = (typeof extraNames)[number];

export interface Options {
  readonly rows: readonly RowName[];
  readonly calls: readonly CallName[];
  readonly extras: readonly ExtraName[];
  /** Seconds that one row is measured by one call, and how often. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  readonly tailSeconds: number;
  readonly overloadSeconds: number;
  readonly growthCalls: number;
  /** Where the results go as JSON. */
  readonly json: string | undefined;
  /** Where a profile of Sluice on the memory store goes. */
  readonly profile: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick             about a minute instead of under ten
  --rows A,B          of ${rowNames.join(', ')}
  --calls A,B         of ${Object.keys(calls).join(', ')}; none
  --extras A,B        of ${extraNames.join(', ')}; none
  --seconds N         how long one row is measured by one call (3)
  --rounds N          how often (3)
  --growth-calls N    how many calls the memory is watched over (150000)
  --json FILE         the results as JSON, too
  --profile FOLDER    writes a CPU profile of the row memory there`;

const full = { seconds: 3, warmSeconds: 10, rounds: 3, tailSeconds: 10, overloadSeconds: 60, growthCalls: 150_000 };
const quick = { seconds: 1, warmSeconds: 1, rounds: 1, tailSeconds: 3, overloadSeconds: 5, growthCalls: 10_000 };

/** Throws an Error that says which option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ rows: text, calls: text, extras: text, seconds: text, rounds: text, json: text, profile: text },
      'growth-calls': text,
      quick: { type: 'boolean', default: false },
    },
  });
  const usual = values.quick ? quick : full;
  return {
    ...usual,
    rows: chosen('rows', values.rows, rowNames),
    calls: chosen('calls', values.calls, Object.keys(calls) as CallName[]),
    extras: chosen('extras', values.extras, extraNames),
    seconds: positive('seconds', values.seconds, usual.seconds),
    rounds: positive('rounds', values.rounds, usual.rounds),
    growthCalls: positive('growth-calls', values['growth-calls'], usual.growthCalls),
    json: values.json,
    profile: values.profile,
  };
}

function chosen<Name extends string>(option: string, given: string | undefined, all: readonly Name[]): readonly Name[] {
  if (given === undefined) return all;
  const names = given === 'none' ? [] : given.split(',');
  const unknown = names.filter((name) => !all.some((one) => one === name));
  if (unknown.length > 0) throw new Error(`--${option} knows no ${unknown.join(', ')}.`);
  return all.filter((one) => names.includes(one));
}

function positive(option: string, given: string | undefined, usual: number): number {
  const value = given === undefined ? usual : Number(given);
  if (!(value > 0)) throw new Error(`--${option} takes a number above 0.`);
  return value;
}
