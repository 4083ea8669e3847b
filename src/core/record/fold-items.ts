import type { ListedItem } from '../model/listed-item.js';
import type { Of, TargetEvents } from './fold-events.js';
import type { Item, ItemOutcome } from '../model/operation.js';
import type { Ended } from '../model/target.js';

/** A listed item, and its end as far as there is one. */
export interface SettledItem extends Pick<Item, 'why' | 'verified' | 'lastSeenAt'> {
  readonly item: ListedItem;
  readonly outcome: ItemOutcome | null;
  /** The caller named it. */
  readonly named: boolean;
}

/** Gives each listed item its end: what the vendor said of it, or what became of the call that carried it. */
export function settleItems(listed: Of<'listed'>, events: TargetEvents, over: boolean): readonly SettledItem[] {
  if (listed.items.length === 0) return [];
  const ends = endsOn(listed.node, events, over);
  const gone = new Set<string>();
  for (const { node, ids } of events.verified) if (node === listed.node) for (const id of ids ?? []) gone.add(id);
  const seen = new Map<string, number>();
  for (const { node, at, ids } of events.seen) if (node === listed.node) for (const id of ids) seen.set(id, at);
  return listed.items.map((item) => {
    const end = ends.get(item.id);
    // What a later listing does not show any more was ended, whatever the vendor said.
    const verified = item.outcome === null && end !== undefined && gone.has(item.id);
    const { outcome, why } = verified ? { outcome: 'ended' as const } : settle(item, end, over);
    const lastSeenAt = outcome === 'unknown' ? lastSeen(item, listed, seen.get(item.id)) : null;
    return { item, outcome, ...(why === undefined ? {} : { why }), verified, lastSeenAt, named: listed.named };
  });
}

/** What became of each id at one node, in so far as anything of it was begun. */
function endsOn(node: string | null, { all }: TargetEvents, over: boolean): ReadonlyMap<string, Ended> {
  const ends = new Map<string, Ended>();
  for (const event of all) {
    if (!('node' in event) || event.node !== node) continue;
    // Whatever was begun may have been sent, until a later event tells more.
    if (event.is === 'started' && over) for (const id of event.ids ?? []) ends.set(id, { id, outcome: 'unknown' });
    if (event.is === 'answered') for (const end of event.ended ?? []) ends.set(end.id, end);
    if (event.is === 'withheld') for (const id of event.ids) ends.set(id, { id, outcome: 'skipped', why: event.why });
    if (event.is === 'failed') {
      const outcome = event.sent === 'perhaps' ? 'unknown' : 'failed';
      for (const id of event.ids ?? []) ends.set(id, { id, outcome });
    }
  }
  return ends;
}

function settle(
  item: ListedItem,
  end: Ended | undefined,
  over: boolean,
): { readonly outcome: ItemOutcome | null; readonly why?: string | undefined } {
  if (item.outcome !== null || (end === undefined && !over)) return item;
  return end ?? { outcome: 'failed', why: 'notSent' };
}

function lastSeen({ isUnseen }: ListedItem, { lookedAt }: Of<'listed'>, seenAt: number | undefined): string | null {
  const at = seenAt ?? (isUnseen ? undefined : lookedAt);
  return at === undefined ? null : new Date(at).toISOString();
}
