import { openEnds, type OpenEnd } from '../record/open-ends.js';
import { Twice } from './twice.js';
import { lookAtNodes, lookCall, type Looked } from '../look/look.js';
import { narrowingsTo } from '../look/narrow.js';
import { chooseNodes } from '../look/nodes.js';
import { emitDrain } from '../execute/mass.js';
import type { Emit } from '../execute/kill.js';
import type { OpenRecord } from '../record/open-record.js';
import type { Process } from '../model/process.js';
import { earliestStartOf, isAnotherSession } from '../look/same-session.js';
import { shownOf } from '../look/shown.js';
import type { Call, Mode, Target } from '../model/target.js';

/** Milliseconds before each look that may tell what became of an unanswered call: about two minutes in all. */
const pausesMs = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];

/** Is anything unknown on this target that a look, or the job's own end, could settle? */
export function canSettle(record: OpenRecord, target: Target): boolean {
  const ends = openEnds(record.eventsOn(target.name));
  return ends.some(({ mass }) => target.look !== undefined || (mass?.jobId ?? null) !== null);
}

/**
 * Looks again until it is known what became of each unanswered call on a target, or the budget is spent. Nothing is
 * ever sent again. What two whole looks one after the other do not show was ended; what is still there stays unknown,
 * since the call may yet take effect, and it is written when it was last seen.
 */
export async function settle(record: OpenRecord, target: Target): Promise<void> {
  const { clock } = record;
  const twice = new Twice();
  for (const pauseMs of pausesMs) {
    await clock.sleep(pauseMs, record.lost);
    if (record.isLost) return;
    const ends = openEnds(record.eventsOn(target.name));
    const call = callOf(record, clock.now() + target.lookMs);
    await Promise.all([followJobs(record, target, ends, call), lookAgain(record, target, ends, call, twice)]);
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
      if (done.is === 'ended')
        record.add({ is: 'verified', at: record.clock.now(), target: target.name, node, ids: null });
    } catch {
      // It is asked again, or stays unknown.
    }
  }
}

async function lookAgain(
  record: OpenRecord,
  target: Target,
  ends: readonly OpenEnd[],
  call: Call,
  twice: Twice,
): Promise<void> {
  if (!target.look) return;
  const within = lookCall(target, call, record.clock);
  const looked = await lookAt(target, ends, within);
  const { mode } = record.operation;
  for (const { node, items, mass } of ends) {
    const seen = looked.filter((one) => node === null || one.node.name === node);
    const base = { at: record.clock.now(), target: target.name, node } as const;
    const there = shownAmong(items, seen);
    const alive = items.filter((item) => item.isUnknown && there.has(item.id)).map(({ id }) => id);
    if (alive.length > 0) record.add({ is: 'seen', ...base, ids: alive });
    const gone = twice.agreed(node, items, goneOf(items, seen), there).map(({ id }) => id);
    if (gone.length > 0) record.add({ is: 'verified', ...base, ids: gone });
    if (!mass || seen.length === 0) continue;
    const had = seen.every((one) => hadEffect(target, mode ?? 'forced', mass.at, one));
    if (!twice.agreedOnMass(node, had)) continue;
    record.add({ is: 'verified', ...base, ids: null });
    if (mode === 'graceful') tellMarked(record, target, seen);
  }
}

/** The sessions that an unanswered call marked are still there, and are watched from now on. */
function tellMarked(record: OpenRecord, target: Target, looked: readonly Looked[]): void {
  const marked = looked
    .flatMap(({ listing }) => listing?.processes ?? [])
    .flatMap(({ id, state, draining }) => (draining === true && state !== 'offline' ? [id] : []));
  const emit: Emit = (event) => {
    record.add(event);
  };
  emitDrain({ target, clock: record.clock, emit }, marked);
}

/** What cannot be looked at is left out. */
async function lookAt(target: Target, ends: readonly OpenEnd[], call: Call): Promise<readonly Looked[]> {
  try {
    const isWhole = ends.some(({ node }) => node === null);
    const names = isWhole ? [] : [...new Set(ends.flatMap(({ node }) => node ?? []))];
    // Where the vendor cuts its list, it is asked for those that are meant. Of a mass call only whole lists tell.
    const narrowings = isWhole || ends.some(({ mass }) => mass) ? [] : narrowingsTo(target, ends.flatMap(itemsOf));
    return await lookAtNodes(target, await chooseNodes(target, names, call), call, { narrowings });
  } catch {
    return [];
  }
}

const itemsOf = ({ items }: OpenEnd): OpenEnd['items'] => items;

/** The ids that are shown as the sessions that are meant, in a whole listing or not. */
function shownAmong(items: OpenEnd['items'], looked: readonly Looked[]): ReadonlySet<string> {
  const ids = items.map(({ id }) => id);
  const seen = looked.flatMap(({ listing }) => (listing ? [{ listing, shown: shownOf(ids, listing) }] : []));
  const isThere = (item: OpenEnd['items'][number]): boolean =>
    seen.some(({ listing, shown }) => {
      const found = shown.get(item.id);
      return found !== undefined && !isAnotherSession(item, found, listing);
    });
  return new Set(items.filter(isThere).map(({ id }) => id));
}

/** Only whole listings prove that somebody is not there; another process may have got the same id since. */
function goneOf(items: OpenEnd['items'], looked: readonly Looked[]): OpenEnd['items'] {
  const listings = looked.flatMap(({ listing }) => (listing?.complete ? [listing] : []));
  if (looked.length === 0 || listings.length < looked.length) return [];
  const ids = items.map(({ id }) => id);
  const seen = listings.map((listing) => ({ listing, shown: shownOf(ids, listing) }));
  return items.filter((item) =>
    seen.every(({ listing, shown }) => {
      const found = shown.get(item.id);
      return found === undefined || isAnotherSession(item, found, listing);
    }),
  );
}

/**
 * Does a listing show that a mass call had its effect? Where ages are known: everybody has connected since, but for
 * whom a graceful call spared, who was at work before it was sent. In a pool: nobody who is shown is logged in any
 * more, or whoever is busy is marked; of a pool of which nobody is shown, nothing is known.
 */
function hadEffect(target: Target, mode: Mode, sentAt: number, { listing }: Looked): boolean {
  if (!listing?.complete) return false;
  const ours = listing.processes.filter((process) => process.protected === null);
  if (target.facts.has('ageSeconds')) {
    const since = listing.begunAt ?? listing.at;
    return ours.every(
      (process) =>
        (earliestStartOf(process, since) ?? -Infinity) >= sentAt ||
        (mode === 'graceful' && wasBusy(process, listing.at, sentAt)),
    );
  }
  const concerned = ours.filter(({ state }) => mode === 'forced' || state === 'idle');
  const isFree = ({ state }: Process): boolean => state === 'offline';
  if (!target.states.has('offline')) return concerned.length === 0;
  if (listing.processes.length === 0) return false;
  return mode === 'forced'
    ? concerned.every(isFree)
    : listing.processes.every((process) => process.draining === true || isFree(process));
}

/** Was a process surely executing already, a second before the call was sent, what it executes now? */
function wasBusy({ state, busySeconds }: Process, at: Date, sentAt: number): boolean {
  return state === 'active' && busySeconds !== null && at.getTime() - busySeconds * 1000 <= sentAt - 1000;
}
