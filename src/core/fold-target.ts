import { addWithin, counts, countItems, noCounts, unknownCounts } from './counts.js';
import type { AskedTarget, ListedItem, TargetEvent } from './event.js';
import { foldStates } from './fold-states.js';
import type { Counts, Item, ItemOutcome, OperationState, TargetOutcome } from './operation.js';
import { mostShared, type Problem } from './problem.js';
import type { CallRecord, Effect, Ended } from './target.js';

/** How many items a record shows. */
export const itemsShown = 1000;

type Of<Is extends TargetEvent['is']> = Extract<TargetEvent, { readonly is: Is }>;

/** What came of one target, from its events alone. */
export function foldTarget(
  asked: AskedTarget,
  dryRun: boolean,
  startedAt: number,
  events: readonly TargetEvent[],
): TargetOutcome {
  const ended = only(events, 'ended')[0];
  const items = only(events, 'listed').flatMap((listed) => settle(listed, events, ended !== undefined));
  const state = stateOf(dryRun, events, items, ended !== undefined);
  const total = countsOf(events, items);
  const drain = only(events, 'drain').at(-1)?.drain ?? null;
  const shown = items.filter((item): item is NamedItem & Item => item.outcome !== null);
  return {
    ...asked,
    state,
    effect: effectOf(events, items),
    durationMs: ended ? ended.at - startedAt : null,
    counts: total,
    items: shown.slice(0, itemsShown).map(({ named, startedAt, ...item }) => item),
    itemsOmitted: Math.max(0, shown.length - itemsShown),
    calls: callsOf(events),
    note: noteOf(events, total, ended?.note ?? null),
    problem: problemOf(only(events, 'failed').filter((failed) => !isSettled(failed, events))),
    drain,
    completed:
      state === 'succeeded' &&
      (total.deferred === 0 || drain?.state === 'drained') &&
      // What the vendor left alone, though it was asked to end it, is not done.
      items.every((item) => item.outcome !== 'skipped') &&
      only(events, 'listed').every((listed) => listed.complete),
  };
}

type NamedItem = Omit<ListedItem, 'outcome'> &
  Pick<Item, 'verified'> & { readonly outcome: ItemOutcome | null; readonly named: boolean };

function only<Is extends TargetEvent['is']>(events: readonly TargetEvent[], is: Is): readonly Of<Is>[] {
  return events.filter((event): event is Of<Is> => event.is === is);
}

/** Gives each listed item its end: what the vendor said of it, or what became of the call that carried it. */
function settle(listed: Of<'listed'>, events: readonly TargetEvent[], over: boolean): readonly NamedItem[] {
  const ends = new Map<string, Ended>();
  for (const event of events) {
    // Whatever was begun may have been sent, until a later event tells more.
    if (event.is === 'started' && event.node === listed.node && over) {
      for (const id of event.ids ?? []) ends.set(id, { id, outcome: 'unknown' });
    }
    if (event.is === 'answered' && event.node === listed.node) {
      for (const end of event.ended ?? []) ends.set(end.id, end);
    }
    if (event.is === 'failed' && event.node === listed.node) {
      const outcome = event.sent === 'perhaps' ? 'unknown' : 'failed';
      for (const id of event.ids ?? []) ends.set(id, { id, outcome });
    }
  }
  const gone = new Set(
    only(events, 'verified').flatMap(({ node, ids }) => (node === listed.node && ids !== null ? ids : [])),
  );
  return listed.items.map((item) => {
    const end = ends.get(item.id);
    // What a later listing does not show any more was ended, whatever the vendor said.
    const verified = item.outcome === null && end !== undefined && gone.has(item.id);
    const known = verified ? { id: item.id, outcome: 'ended' as const } : end;
    return { ...settleItem(item, known, over), verified, named: listed.named };
  });
}

function settleItem(
  item: ListedItem,
  end: Ended | undefined,
  over: boolean,
): ListedItem | (Omit<ListedItem, 'outcome'> & { readonly outcome: ItemOutcome }) {
  if (item.outcome !== null) return item;
  if (end) return { ...item, outcome: end.outcome, ...(end.why === undefined ? {} : { why: end.why }) };
  return over ? { ...item, outcome: 'failed', why: 'notSent' } : item;
}

/** What is not known, or not confirmed, of one node when a target's part is over. */
export interface OpenEnd {
  readonly node: string | null;
  /** Ids of which nobody can say what became, and those that the vendor said it ended. */
  readonly items: readonly (ListedItem & { readonly isUnknown: boolean })[];
  /** The vendor's own call that was not answered: when it was sent, and the job that it became. */
  readonly mass: { readonly at: number; readonly jobId: string | null } | null;
}

/** Where a later listing can tell more of a target than its events do. */
export function openEnds(events: readonly TargetEvent[]): readonly OpenEnd[] {
  const isOver = only(events, 'ended').length > 0;
  const killed = only(events, 'listed').map((listed): OpenEnd => {
    const items = settle(listed, events, isOver).flatMap(({ named, verified, outcome, ...item }) =>
      !verified && (outcome === 'unknown' || outcome === 'ended')
        ? [{ ...item, outcome: null, isUnknown: outcome === 'unknown' }]
        : [],
    );
    return { node: listed.node, items, mass: null };
  });
  const mass = only(events, 'started')
    .filter((started) => started.ids === null && !isMassVerified(started, events))
    .flatMap((started): readonly OpenEnd[] => {
      const end = endOf(started, events);
      if (end?.is === 'answered' || end?.sent === 'never' || end?.sent === 'refused') return [];
      const { jobId } = only(events, 'accepted').find(({ node }) => node === started.node)?.call ?? { jobId: null };
      return [{ node: started.node, items: [], mass: { at: started.at, jobId } }];
    });
  return [...killed, ...mass].filter(({ items, mass: call }) => call !== null || items.some((item) => item.isUnknown));
}

/** Did a later listing settle what was not known of this call? */
function isSettled(failed: Of<'failed'>, events: readonly TargetEvent[]): boolean {
  if (failed.call === null || failed.sent !== 'perhaps') return false;
  const verified = only(events, 'verified').filter(({ node }) => node === failed.node);
  if (failed.ids === null) return verified.some(({ ids }) => ids === null);
  const gone = new Set(verified.flatMap(({ ids }) => ids ?? []));
  return failed.ids.every((id) => gone.has(id));
}

function stateOf(
  dryRun: boolean,
  events: readonly TargetEvent[],
  items: readonly NamedItem[],
  over: boolean,
): OperationState {
  if (!over) return 'running';
  const nodes = only(events, 'listed').map((listed) =>
    items.filter((item) => item.node === listed.node && item.outcome !== null),
  );
  // A node with nothing to do is no success beside another that had something to do and did nothing.
  const busy = nodes.filter((found) => found.length > 0);
  const looks = only(events, 'failed').filter((failed) => failed.call === null);
  const states = (busy.length > 0 ? busy : nodes).map((found) => foldStates(found.map(stateOfItem)));
  const folded = foldStates([...states, ...looks.map(() => 'failed' as const), ...massStates(events)]);
  if (folded === 'succeeded' && dryRun) return 'planned';
  const skipped = items.some((item) => item.named && item.outcome === 'skipped');
  return folded === 'succeeded' && skipped ? 'partial' : folded;
}

function stateOfItem(item: NamedItem): OperationState {
  return item.outcome === 'failed' || item.outcome === 'unknown' ? item.outcome : 'succeeded';
}

function massStates(events: readonly TargetEvent[]): readonly OperationState[] {
  return only(events, 'started')
    .filter((started) => started.ids === null)
    .map((started) => {
      const end = endOf(started, events);
      if (end?.is === 'answered' || isMassVerified(started, events)) return 'succeeded';
      return end?.sent === 'perhaps' || end === undefined ? 'unknown' : 'failed';
    });
}

/** Did a later listing show that the mass call had its effect? */
function isMassVerified({ node }: Of<'started'>, events: readonly TargetEvent[]): boolean {
  return only(events, 'verified').some((verified) => verified.node === node && verified.ids === null);
}

/** How a mass call ended: there is one a node. */
function endOf(
  started: Of<'started'> | Of<'accepted'>,
  events: readonly TargetEvent[],
): Of<'answered'> | Of<'failed'> | undefined {
  return events.find(
    (event): event is Of<'answered'> | Of<'failed'> =>
      (event.is === 'answered' || (event.is === 'failed' && event.call !== null)) && event.node === started.node,
  );
}

function countsOf(events: readonly TargetEvent[], items: readonly NamedItem[]): Counts {
  const leftOut = only(events, 'listed').reduce((sum, listed) => sum + listed.leftOut, 0);
  // What was not listed cannot be counted.
  const looks = only(events, 'failed').filter(
    (failed) => failed.call === null && !only(events, 'listed').some(({ node }) => node === failed.node),
  );
  const mass = only(events, 'started').filter((started) => started.ids === null);
  return addWithin([
    countItems(items.map((item) => item.outcome).filter((outcome) => outcome !== null)),
    counts({ skipped: leftOut }),
    ...only(events, 'ended').map(({ unforeseen }) => (unforeseen ? counts({ wouldEnd: null }) : noCounts)),
    ...looks.map(() => counts({ failed: null })),
    ...mass.map((started) =>
      isMassVerified(started, events) ? counts({ ended: null }) : countMass(endOf(started, events)),
    ),
  ]);
}

function countMass(end: Of<'answered'> | Of<'failed'> | undefined): Counts {
  if (end === undefined) return counts({ ended: null, deferred: null, unknown: null });
  if (end.is === 'failed') {
    return end.sent === 'perhaps' ? counts({ ended: null, deferred: null, unknown: null }) : counts({ failed: null });
  }
  if (end.uncounted) return unknownCounts;
  return end.effect === 'set' ? noCounts : counts({ ended: null, deferred: end.deferred });
}

function effectOf(events: readonly TargetEvent[], items: readonly NamedItem[]): Effect {
  const effects = only(events, 'answered').filter((answered) => answered.ended === null);
  if (items.some((item) => item.outcome === 'ended')) return 'ended';
  if (only(events, 'verified').some(({ ids }) => ids === null)) return 'ended';
  return effects.find((answered) => answered.effect !== 'none')?.effect ?? 'none';
}

function callsOf(events: readonly TargetEvent[]): readonly CallRecord[] {
  return events.flatMap((event) => {
    if (event.is === 'answered') return [event.call];
    // A job is told once it is accepted, and again as what became of it: then the first is left out.
    if (event.is === 'accepted') return endOf(event, events) ? [] : [event.call];
    if (event.is !== 'failed' || event.call === null) return [];
    const { code = null, message = null, requestId = null } = event.problem.upstream ?? {};
    return [{ node: event.node, call: event.call, code, message, requestId, jobId: event.jobId }];
  });
}

function noteOf(events: readonly TargetEvent[], total: Counts, last: string | null): string | null {
  const notes = new Set(only(events, 'answered').map((answered) => answered.note));
  if (only(events, 'listed').some((listed) => !listed.complete)) {
    notes.add('The vendor cut its list: there may be more than was seen.');
  }
  notes.add(last);
  if (total.ended === 0 && (total.notFound ?? 0) > 0) notes.add('nothing was ended');
  const said = [...notes].filter((note) => note !== null);
  return said.length === 0 ? null : said.join(' ');
}

/** The problem that most parts share: what cannot be known outweighs what failed. */
function problemOf(failed: readonly Of<'failed'>[]): Problem | null {
  const kinds = failed.map((event) => event.problem.code);
  const kind = kinds.includes('outcome-unknown') ? 'outcome-unknown' : mostShared(kinds);
  return failed.find((event) => event.problem.code === kind)?.problem ?? null;
}
