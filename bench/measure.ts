import { calls, withoutKey, type Call, type CallName, type RowName } from './calls.ts';
import { Load, type Outcome, type Span } from './load.ts';
import { usageOf, type Usage } from './machine.ts';
import type { Started } from './rows.ts';

/** One row, measured by one call, for one window of time. */
export interface Sample {
  /** Answers of 200 a second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time a call, by the scheduler's account. */
  readonly cpuMicros: number;
  /** The share of a core that the gateway used. */
  readonly core: number;
  readonly residentMegabytes: number;
  readonly outcome: Outcome;
}

/** One row by one call: all its windows, in their order. */
export interface Figures {
  readonly row: RowName;
  readonly call: CallName;
  readonly samples: readonly Sample[];
}

/** A figure of a sample. */
export type Member = Exclude<keyof Sample, 'outcome'>;

/** How many windows are measured, how long they are, and how long a row is warmed up before the first. */
export interface Windows {
  readonly windows: number;
  readonly seconds: number;
  readonly warmSeconds: number;
}

/** Load at a constant rate, or as fast as the connections answer. */
export async function sample(
  row: RowName,
  started: Started,
  call: Call,
  { rate, ...span }: Span & { readonly rate?: number },
): Promise<Sample> {
  const load = openLoad(row, started, call, rate);
  try {
    return await window(load, started, span);
  } finally {
    load.close();
  }
}

function openLoad(row: RowName, { port }: Started, call: Call, rate?: number): Load {
  return new Load({ port, call: row === 'open' ? withoutKey(call) : call, ...(rate === undefined ? {} : { rate }) });
}

async function window(load: Load, { pid }: Started, span: Span): Promise<Sample> {
  let before: Usage | undefined;
  let after: Usage | undefined;
  const outcome = await load.run({
    ...span,
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

/**
 * Measures all rows by all calls: for each call the rows in turn, in many short windows, so that what else this machine
 * does burdens all alike, and what was measured side by side can be compared pair by pair.
 */
export async function measureRows(
  rows: ReadonlyMap<RowName, Started>,
  names: readonly CallName[],
  windows: Windows,
  tell: (line: string) => void,
): Promise<readonly Figures[]> {
  const all: Figures[] = [];
  for (const name of names) {
    const call: Call = calls[name];
    const measured = call.rows.flatMap((row) => {
      const started = rows.get(row);
      return started ? [{ row, started, load: openLoad(row, started, call), samples: [] as Sample[] }] : [];
    });
    const seconds = call.windowSeconds ?? windows.seconds;
    for (const { load, started } of measured)
      await window(load, started, { leadSeconds: windows.warmSeconds, seconds });
    for (let round = 0; round < windows.windows; round += 1) {
      // Each round begins with another row.
      const first = measured.length === 0 ? 0 : round % measured.length;
      for (const { load, started, samples } of [...measured.slice(first), ...measured.slice(0, first)]) {
        samples.push(await window(load, started, { leadSeconds: leadOf(call), seconds }));
      }
    }
    for (const { row, load, samples } of measured) {
      load.close();
      all.push({ row, call: name, samples });
      tell(`${name} ${row}: ${middle(samples, 'cpuMicros').toFixed(0)} µs a call${brokenIn(samples)}`);
    }
  }
  return all;
}

/** So many connections take their time to get going, each time. */
function leadOf({ connections }: Call): number {
  return connections > 64 ? 0.4 : 0.1;
}

function brokenIn(samples: readonly Sample[]): string {
  const broken = samples.flatMap(({ outcome }) => Object.keys(outcome.statuses).filter((status) => status !== '200'));
  return broken.length === 0 ? '' : `, also answered ${[...new Set(broken)].join(', ')}`;
}

/** The median of a figure. */
export function middle(samples: readonly Sample[], member: Member): number {
  return median(samples.map((one) => one[member]));
}

/** The mean of the lowest quarter: what a figure is while the machine does little else. */
export function quiet(samples: readonly Sample[], member: Member): number {
  const sorted = samples.map((one) => one[member]).sort((a, b) => a - b);
  const lowest = sorted.slice(0, Math.max(1, Math.floor(sorted.length / 4)));
  return lowest.reduce((sum, one) => sum + one, 0) / lowest.length;
}

/** The mean of the highest quarter of the rates. */
export function peakOf(samples: readonly Sample[]): number {
  const sorted = samples.map(({ rate }) => rate).sort((a, b) => b - a);
  const highest = sorted.slice(0, Math.max(1, Math.floor(sorted.length / 4)));
  return highest.reduce((sum, one) => sum + one, 0) / highest.length;
}

/** The median of what is found for each pair of windows that were measured side by side. */
export function paired(
  left: Figures | undefined,
  right: Figures | undefined,
  find: (left: Sample, right: Sample) => number,
): number | null {
  if (!left || !right) return null;
  const found = left.samples.flatMap((one, index) => {
    const other = right.samples[index];
    return other ? [find(one, other)] : [];
  });
  return median(found.filter((value) => Number.isFinite(value)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
