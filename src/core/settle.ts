import { isSameSession } from './choose.js';
import { openEnds, type OpenEnd } from './open-ends.js';
import { chooseNodes, lookAtNodes, lookCall, type Looked } from './look.js';
import { emitDrain } from './execute-mass.js';
import type { Emit } from './execute.js';
import type { OpenRecord } from './open-record.js';
import type { Process } from './process.js';
import type { Call, Mode, Target } from './target.js';

/** Milliseconds before each look that may tell what became of an unanswered call: about two minutes in all. */
const pausesMs = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];

/** Is anything unknown on this target that a look, or the job's own end, could settle? */
export function canSettle(record: OpenRecord, target: Target): boolean {
  const ends = openEnds(record.eventsOn(target.name));
  return ends.some(({ mass }) => target.look !== undefined || (mass?.jobId ?? null) !== null);
}

/**
 * Looks again until it is known what became of each unanswered call on a target, or the budget is spent. Nothing is ever sent
 * again. What is gone was ended; what is still there stays unknown, since the call may yet take effect.
 */
export async function settle(record: OpenRecord, target: Target): Promise<void> {
  const { clock } = record;
  for (const pauseMs of pausesMs) {
    await clock.sleep(pauseMs, record.lost);
    if (record.isLost) return;
    const ends = openEnds(record.eventsOn(target.name));
    const call = callOf(record, clock.now() + target.lookMs);
    await Promise.all([followJobs(record, target, ends, call), lookAgain(record, target, ends, call)]);
    // What is known is told at once.
    if (openEnds(record.eventsOn(target.name)).length === 0) return;
  }
}

function callOf(record: OpenRecord, deadline: number): Call {
  return { requestId: record.operation.requestId, signal: record.lost, deadline };
}

/** A job that was lost sight of may have come to its end since. */
async function followJobs(record: OpenRecord, target: Target, ends: readonly OpenEnd[], call: Call): Promise<void> {
  for (const { node, mass } of ends) {
    if (!mass || mass.jobId === null || !target.follow) continue;
    try {
      const done = await target.follow(mass.jobId, call);
      if (done.is === 'done')
        record.add({ is: 'verified', at: record.clock.now(), target: target.name, node, ids: null });
    } catch {
      // It is asked again, or stays unknown.
    }
  }
}

async function lookAgain(record: OpenRecord, target: Target, ends: readonly OpenEnd[], call: Call): Promise<void> {
  if (!target.look) return;
  const within = lookCall(target, call, record.clock);
  const looked = await lookAt(target, ends, within);
  const { mode } = record.operation;
  for (const { node, items, mass } of ends) {
    const seen = looked.filter((one) => node === null || one.node.name === node);
    const gone = items.filter((item) => seen.length > 0 && seen.every((one) => isGone(item, one)));
    const base = { is: 'verified', at: record.clock.now(), target: target.name, node } as const;
    if (gone.length > 0) record.add({ ...base, ids: gone.map(({ id }) => id) });
    if (!mass || seen.length === 0 || !seen.every((one) => hadEffect(target, mode ?? 'forced', mass.at, one))) continue;
    record.add({ ...base, ids: null });
    if (mode === 'graceful') tellMarked(record, target, seen);
  }
}

/** Whoever was marked by a call that was not answered is still there, and watched from now on. */
function tellMarked(record: OpenRecord, target: Target, looked: readonly Looked[]): void {
  const marked = looked
    .flatMap(({ listing }) => listing?.processes ?? [])
    .flatMap(({ id, state, draining }) => (draining === true && state !== 'offline' ? [id] : []));
  const emit: Emit = (event) => {
    record.add(event);
  };
  const effect = marked.length > 0 ? 'deferred' : 'ended';
  emitDrain({ target, clock: record.clock, emit }, { effect, marked });
}

/** Nobody can say what a node holds that cannot be looked at. */
async function lookAt(target: Target, ends: readonly OpenEnd[], call: Call): Promise<readonly Looked[]> {
  try {
    const isWhole = ends.some(({ node }) => node === null);
    const names = isWhole ? [] : [...new Set(ends.flatMap(({ node }) => node ?? []))];
    return await lookAtNodes(target, await chooseNodes(target, names, call), call);
  } catch {
    return [];
  }
}

/** Only a whole listing proves that somebody is not there; another process may have got the same id since. */
function isGone(item: OpenEnd['items'][number], { listing }: Looked): boolean {
  if (!listing?.complete) return false;
  const found = listing.processes.find((process) => process.id === item.id);
  return found === undefined || !isSameSession(item, found, listing);
}

/**
 * Does a listing show that a mass call had its effect? Where ages are known: whoever it should have ended has connected since.
 * In a pool: nobody who is shown is logged in any more, or whoever is busy is marked; of a pool of which nobody is shown,
 * nothing is known.
 */
function hadEffect(target: Target, mode: Mode, sentAt: number, { listing }: Looked): boolean {
  if (!listing?.complete) return false;
  const concerned = listing.processes.filter(
    (process) => process.protected === null && (mode === 'forced' || process.state === 'idle'),
  );
  if (target.facts.has('ageSeconds')) return concerned.every((process) => connectedSince(process, listing.at, sentAt));
  const isFree = ({ state }: Process): boolean => state === 'offline';
  if (!target.states.has('offline')) return concerned.length === 0;
  if (listing.processes.length === 0) return false;
  return mode === 'forced'
    ? concerned.every(isFree)
    : listing.processes.every((process) => process.draining === true || isFree(process));
}

/** Ages are whole seconds: only who is younger than that by a second connected later for sure. */
function connectedSince({ ageSeconds }: Process, at: Date, sentAt: number): boolean {
  return ageSeconds !== null && at.getTime() - (ageSeconds + 1) * 1000 >= sentAt;
}
