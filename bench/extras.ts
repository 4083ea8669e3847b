import type { Options } from './options.ts';
import { calls, widelySpread, type RowName } from './calls.ts';
import { usageOf } from './machine.ts';
import type { Loaded } from './loaded.ts';
import { median, sample, type Sample } from './measure.ts';
import { small } from './scene.ts';
import { freePort } from '../test/free-port.ts';
import { startSluice, type Place, type Started } from './rows.ts';

/** What is measured of Sluice on the memory store alone. */
export interface Extras {
  /** Milliseconds from the start of the process to its first 200. */
  readonly startMs?: number;
  /** Resident memory once it answers and nobody asks. */
  readonly restMegabytes?: number;
  /** At half of its peak, at a constant rate. */
  readonly tail?: { readonly rate: number; readonly sample: Sample };
  /** The same of the reference: what this machine alone makes of it. */
  readonly referenceTail?: { readonly rate: number; readonly sample: Sample };
  /** At twice its peak. */
  readonly overload?: {
    readonly peak: number;
    /** Processor time a call at its peak. */
    readonly peakMicros: number;
    readonly sample: Sample;
    readonly recovered: number;
  };
  readonly loaded?: Loaded;
  /** Resident memory, early on and after so many calls. */
  readonly growth?: { readonly calls: number; readonly before: number; readonly after: number };
}

const starts = 5;

/** Starts Sluice anew, again and again, with one target of each kind. */
export async function measureStart(place: Place): Promise<Required<Pick<Extras, 'startMs' | 'restMegabytes'>>> {
  const times: number[] = [];
  const resident: number[] = [];
  for (let index = 0; index < starts; index += 1) {
    const options = { port: await freePort(), vendors: place.vendors, store: { memory: {} }, scene: small };
    const started = await startSluice(options, place);
    times.push(started.readyMs);
    resident.push(usageOf(started.pid).residentMegabytes);
    await started.stop();
  }
  return { startMs: median(times), restMegabytes: median(resident) };
}

export async function measureTail(row: RowName, started: Started, peak: number, { tailSeconds }: Options) {
  const rate = peak / 2;
  const call = { ...calls['xml-flush'], connections: 200 };
  return { rate, sample: await sample(row, started, call, { leadSeconds: 2, seconds: tailSeconds, rate }) };
}

/** Twice as much as it can do: what it still does, how it says no, and what it does when that is over. */
export async function measureOverload(started: Started, { overloadSeconds, warmSeconds }: Options) {
  const usual = { ...widelySpread, connections: 64 };
  // A peak that was taken too early makes the load too small, and what is left of it look like all.
  const before = await sample('wide', started, usual, { leadSeconds: warmSeconds * 3, seconds: 3 });
  const peak = before.rate;
  const how = { leadSeconds: 2, seconds: overloadSeconds, rate: peak * 2 };
  const loaded = await sample('wide', started, widelySpread, how);
  const after = await sample('wide', started, usual, { leadSeconds: 1, seconds: 3 });
  return { peak, peakMicros: before.cpuMicros, sample: loaded, recovered: after.rate };
}

/** Watches the memory: from when all that is kept is full, over so many calls. */
export async function measureGrowth(started: Started, peak: number, { growthCalls }: Options) {
  const call = calls['xml-flush'];
  const first = await sample('memory', started, call, { leadSeconds: 20_000 / peak, seconds: 2 });
  const second = await sample('memory', started, call, { leadSeconds: 0, seconds: growthCalls / peak });
  const last = await sample('memory', started, call, { leadSeconds: 0, seconds: 2 });
  return { calls: second.outcome.ok.count, before: first.residentMegabytes, after: last.residentMegabytes };
}
