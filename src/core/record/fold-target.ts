import { addWithin, counts, countItems, noCounts, unknownCounts } from './counts.js';
import type { AskedTarget, TargetEvent } from '../model/event.js';
import { byKind, endOf, isMassVerified, isSettled, type Of, type TargetEvents } from './fold-events.js';
import { settleItems, type SettledItem } from './fold-items.js';
import { foldStates } from './fold-states.js';
import type {
  Counts,
  Item,
  OperationHeader,
  OperationKind,
  OperationState,
  TargetOutcome,
} from '../model/operation.js';
import { mostShared, type Problem } from '../model/problem.js';
import { factsOf } from '../model/process.js';
import type { CallRecord, Effect } from '../model/target.js';

/** How many items a record shows. */
export const itemsShown = 1000;

/** All items of one target, from its events alone: a record shows the first of them. */
export function itemsOf(events: readonly TargetEvent[]): readonly Item[] {
  return told(allItems(byKind(events)));
}

function allItems(events: TargetEvents): readonly SettledItem[] {
  return events.listed.flatMap((listed) => settleItems(listed, events, events.ended.length > 0));
}

function told(items: readonly SettledItem[]): readonly Item[] {
  return items.flatMap(({ item, outcome, why, verified, lastSeenAt }) => {
    if (outcome === null) return [];
    const { id, node } = item;
    return [{ id, node, ...factsOf(item), outcome, ...(why === undefined ? {} : { why }), verified, lastSeenAt }];
  });
}

/** What came of one target, from its events alone. */
export function foldTarget(
  asked: AskedTarget,
  { kind, dryRun }: Pick<OperationHeader, 'kind' | 'dryRun'>,
  startedAt: number,
  all: readonly TargetEvent[],
): TargetOutcome {
  if (asked.status === 'skipped') return leftAlone(asked, dryRun);
  const events = byKind(all);
  const [ended] = events.ended;
  const items = allItems(events);
  const state = stateOf(dryRun, events, items, ended !== undefined);
  const total = countsOf(kind, events, items);
  const drain = events.drain.at(-1)?.drain ?? null;
  const shown = told(items);
  return {
    ...asked,
    ...(ended?.now ? { now: ended.now } : {}),
    ...(ended?.nodesUnseen ? { nodesUnseen: ended.nodesUnseen } : {}),
    state,
    effect: effectOf(events, items),
    durationMs: ended ? ended.at - startedAt : null,
    counts: total,
    items: shown.slice(0, itemsShown),
    itemsOmitted: Math.max(0, shown.length - itemsShown),
    calls: callsOf(events),
    note: noteOf(events, total, ended?.note ?? null),
    problem: problemOf(events.failed.filter((failed) => !isSettled(failed, events))),
    drain,
    completed:
      state === 'succeeded' &&
      (total.deferred === 0 || drain?.state === 'drained') &&
      // What the vendor left alone, though it was asked to end it, is not done.
      items.every(({ outcome }) => outcome !== 'skipped') &&
      events.listed.every((listed) => listed.complete),
  };
}

/** A target that the call does not apply to: nothing was asked of it. */
function leftAlone(asked: AskedTarget, dryRun: boolean): TargetOutcome {
  return {
    ...asked,
    state: dryRun ? 'planned' : 'succeeded',
    effect: 'none',
    durationMs: 0,
    counts: noCounts,
    items: [],
    itemsOmitted: 0,
    calls: [],
    note: asked.why ?? null,
    problem: null,
    drain: null,
    completed: true,
  };
}

function stateOf(dryRun: boolean, events: TargetEvents, items: readonly SettledItem[], over: boolean): OperationState {
  if (!over) return 'running';
  const nodes = events.listed.map((listed) =>
    items.filter(({ item, outcome }) => item.node === listed.node && outcome !== null),
  );
  // A node with nothing to do is no success beside another that had something to do and did nothing.
  const busy = nodes.filter((found) => found.length > 0);
  const looks = events.failed.filter((failed) => failed.call === null);
  const states = (busy.length > 0 ? busy : nodes).map((found) => foldStates(found.map(stateOfItem)));
  const folded = foldStates([...states, ...looks.map(() => 'failed' as const), ...massStates(events)]);
  if (folded === 'succeeded' && dryRun) return 'planned';
  const skipped = events.withheld.length > 0 || items.some(({ named, outcome }) => named && outcome === 'skipped');
  return folded === 'succeeded' && skipped ? 'partial' : folded;
}

function stateOfItem({ outcome }: SettledItem): OperationState {
  return outcome === 'failed' || outcome === 'unknown' ? outcome : 'succeeded';
}

function massStates(events: TargetEvents): readonly OperationState[] {
  return events.started
    .filter((started) => started.ids === null)
    .map((started) => {
      const end = endOf(started, events);
      if (end?.is === 'answered' || isMassVerified(started, events)) return 'succeeded';
      return end?.sent === 'perhaps' || end === undefined ? 'unknown' : 'failed';
    });
}

function countsOf(kind: OperationKind, events: TargetEvents, items: readonly SettledItem[]): Counts {
  const leftOut = events.listed.reduce((sum, listed) => sum + listed.leftOut, 0);
  // What was not listed cannot be counted.
  const looks = events.failed.filter(
    (failed) => failed.call === null && !events.listed.some(({ node }) => node === failed.node),
  );
  const mass = events.started.filter((started) => started.ids === null);
  return addWithin([
    countItems(items.map(({ outcome }) => outcome)),
    counts({ skipped: leftOut }),
    ...events.ended.map(({ unforeseen }) => (unforeseen ? counts({ wouldEnd: null }) : noCounts)),
    ...looks.map(() => counts({ failed: null })),
    ...mass.map((started) =>
      isMassVerified(started, events)
        ? counts({ ended: null, deferred: markedAtFirst(events) })
        : countMass(kind, endOf(started, events)),
    ),
  ]);
}

/** Whatever became of it, a tune ends nothing. */
function countMass(kind: OperationKind, end: Of<'answered'> | Of<'failed'> | undefined): Counts {
  const lost = counts(kind === 'sessions.tune' ? { unknown: null } : { ended: null, deferred: null, unknown: null });
  if (end === undefined) return lost;
  if (end.is === 'failed') return end.sent === 'perhaps' ? lost : counts({ failed: null });
  if (end.uncounted) return unknownCounts;
  return end.effect === 'set' ? noCounts : counts({ ended: null, deferred: end.deferred });
}

function effectOf(events: TargetEvents, items: readonly SettledItem[]): Effect {
  const effects = events.answered.filter((answered) => answered.ended === null);
  if (items.some((item) => item.outcome === 'ended')) return 'ended';
  if (events.verified.some(({ ids }) => ids === null)) return markedAtFirst(events) > 0 ? 'deferred' : 'ended';
  return effects.find((answered) => answered.effect !== 'none')?.effect ?? 'none';
}

/** How many members of a pool were marked, as seen after a call that was not answered. */
function markedAtFirst(events: TargetEvents): number {
  return events.drain[0]?.drain.remaining ?? 0;
}

function callsOf(events: TargetEvents): readonly CallRecord[] {
  return events.all.flatMap((event) => {
    if (event.is === 'answered') return [event.call];
    // A job is told once it is accepted, and again as what became of it: then the first is left out.
    if (event.is === 'accepted') return endOf(event, events) ? [] : [event.call];
    if (event.is !== 'failed' || event.call === null) return [];
    const { code = null, message = null, requestId = null } = event.problem.upstream ?? {};
    return [{ node: event.node, call: event.call, code, message, requestId, jobId: event.jobId }];
  });
}

function noteOf(events: TargetEvents, total: Counts, last: string | null): string | null {
  const notes = new Set(events.answered.map((answered) => answered.note));
  if (events.listed.some((listed) => !listed.complete)) {
    notes.add('The list is not whole: there may be more than was seen.');
  }
  for (const { why } of events.withheld) notes.add(brakeNotes[why]);
  notes.add(last);
  if (total.ended === 0 && (total.notFound ?? 0) > 0) notes.add('nothing was ended');
  const said = [...notes].filter((note) => note !== null);
  return said.length === 0 ? null : said.join(' ');
}

const brakeNotes = {
  cancelled: 'It was cancelled before all of it was sent.',
  readOnly: 'The target became read-only before all of it was sent.',
  frozen: 'The target was frozen before all of it was sent.',
} as const;

/** The problem that most parts share: what cannot be known outweighs what failed. */
function problemOf(failed: readonly Of<'failed'>[]): Problem | null {
  const kinds = failed.map((event) => event.problem.code);
  const kind = kinds.includes('outcome-unknown') ? 'outcome-unknown' : mostShared(kinds);
  return failed.find((event) => event.problem.code === kind)?.problem ?? null;
}
