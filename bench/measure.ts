import { calls, withoutKey, type Call, type CallName, type RowName } from './calls.ts';
import { putLoad, type LoadOptions, type Outcome } from './load.ts';
import { usageOf, type Usage } from './machine.ts';
import type { Started } from './rows.ts';

/** One row, measured by one call, once. */
export interface Sample {
  /** Answers of 200 a second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicros: number;
  /** The share of a core that the gateway used. */
  readonly core: number;
  readonly residentMegabytes: number;
  readonly outcome: Outcome;
}

/** One row by one call: the median of its samples, member by member. */
export type Median = Omit<Sample, 'outcome'> & { readonly row: RowName; readonly call: CallName };

type How = Pick<LoadOptions, 'warmSeconds' | 'seconds' | 'rate'>;

export async function sample(row: RowName, { port, pid }: Started, call: Call, how: How): Promise<Sample> {
  let before: Usage | undefined;
  let after: Usage | undefined;
  const { fewer, connections } = call;
  const outcome = await putLoad({
    port,
    call: { ...(row === 'open' ? withoutKey(call) : call), connections: fewer?.[row] ?? connections },
    ...how,
    mark: (edge) => {
      if (edge === 'begin') before = usageOf(pid);
      else after = usageOf(pid);
    },
  });
  const { seconds, ok } = outcome;
  const cpuSeconds = (after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0);
  return {
    rate: ok.count / seconds,
    p50: ok.p50,
    p99: ok.p99,
    cpuMicros: (cpuSeconds * 1e6) / Math.max(1, ok.count),
    core: cpuSeconds / seconds,
    residentMegabytes: after?.residentMegabytes ?? 0,
    outcome,
  };
}

/** Measures all rows by all calls, in turn, so that what else this machine does burdens all alike. */
export async function measureRows(
  rows: ReadonlyMap<RowName, Started>,
  names: readonly CallName[],
  { rounds, warmSeconds, seconds }: { readonly rounds: number; readonly warmSeconds: number; readonly seconds: number },
  tell: (line: string) => void,
): Promise<readonly Median[]> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const call: Call = calls[name];
      for (const row of call.rows) {
        const started = rows.get(row);
        if (!started) continue;
        // So many connections take their time to get going, each time.
        const warm = round === 0 || call.connections > 64 ? warmSeconds : warmSeconds / 4;
        const one = await sample(row, started, call, { warmSeconds: warm, seconds });
        const broken = Object.entries(one.outcome.statuses).filter(([status]) => status !== '200');
        tell(
          `${String(round + 1)}/${String(rounds)} ${name} ${row}: ${one.rate.toFixed(0)}/s${broken.length > 0 ? `, refused ${JSON.stringify(broken)}` : ''}`,
        );
        const key = `${name} ${row}`;
        samples.set(key, [...(samples.get(key) ?? []), one]);
      }
    }
  }
  return names.flatMap((call) =>
    (calls[call] as Call).rows.flatMap((row) => {
      const taken = samples.get(`${call} ${row}`);
      return taken ? [{ row, call, ...medianOf(taken) }] : [];
    }),
  );
}

function medianOf(samples: readonly Sample[]): Omit<Sample, 'outcome'> {
  const total = (what: (one: Sample) => number): number => samples.reduce((sum, one) => sum + what(one), 0);
  const of = (member: keyof Omit<Sample, 'outcome'>): number => median(samples.map((one) => one[member]));
  return {
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    // Of all of them together: a round in which hardly any call ended would tell nonsense by itself.
    cpuMicros:
      total(({ core, outcome }) => core * outcome.seconds * 1e6) /
      Math.max(
        1,
        total(({ outcome }) => outcome.ok.count),
      ),
    core: of('core'),
    residentMegabytes: Math.max(...samples.map((one) => one.residentMegabytes)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
