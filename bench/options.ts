import { parseArgs } from 'node:util';
import { calls, rowNames, type CallName, type RowName } from './calls.ts';

export const extraNames = ['start', 'tail', 'overload', 'growth', 'loaded'] as const;
export type ExtraName = (typeof extraNames)[number];

export interface Options {
  readonly rows: readonly RowName[];
  readonly calls: readonly CallName[];
  readonly extras: readonly ExtraName[];
  /** Seconds of a window, and how many windows each row is measured in by each call. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly windows: number;
  /** The folder of another build, to be compared with. */
  readonly against: string | undefined;
  readonly tailSeconds: number;
  readonly overloadSeconds: number;
  readonly growthCalls: number;
  /** Where the results go as JSON. */
  readonly json: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick             about a minute or two instead of fifteen
  --rows A,B          of ${rowNames.join(', ')}
  --calls A,B         of ${Object.keys(calls).join(', ')}; none
  --extras A,B        of ${extraNames.join(', ')}; none
  --seconds N         the length of a window (0.5): rows are measured in turn, window by window
  --windows N         how many windows each row has by each call (24)
  --against DIR       compares with the build in another working copy, pair by pair
  --growth-calls N    how many calls the memory is watched over (150000)
  --json FILE         the results as JSON, too`;

const full = { seconds: 0.5, warmSeconds: 8, windows: 24, tailSeconds: 10, overloadSeconds: 60, growthCalls: 150_000 };
const quick = { seconds: 0.5, warmSeconds: 1, windows: 4, tailSeconds: 3, overloadSeconds: 5, growthCalls: 10_000 };

/** Throws an Error that says which option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{
        rows: text,
        calls: text,
        extras: text,
        seconds: text,
        windows: text,
        against: text,
        json: text,
        profile: text,
      },
      'growth-calls': text,
      quick: { type: 'boolean', default: false },
    },
  });
  const usual = values.quick ? quick : full;
  return {
    ...usual,
    rows: chosen('rows', values.rows, rowNames).filter(
      (row) => values.against !== undefined || !row.startsWith('against'),
    ),
    calls: chosen('calls', values.calls, Object.keys(calls) as CallName[]),
    extras: chosen('extras', values.extras, extraNames),
    seconds: positive('seconds', values.seconds, usual.seconds),
    windows: positive('windows', values.windows, usual.windows),
    against: values.against,
    growthCalls: positive('growth-calls', values['growth-calls'], usual.growthCalls),
    json: values.json,
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
