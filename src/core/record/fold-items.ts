import type { TargetEvent } from '../model/event.js';
import type { ListedItem } from '../model/listed-item.js';
import { only, type Of } from './fold-events.js';
import type { Item, ItemOutcome } from '../model/operation.js';
import type { Ended } from '../model/target.js';

/** A listed item with its end, as far as there is one. */
export type NamedItem = Omit<ListedItem, 'outcome'> &
  Pick<Item, 'verified' | 'lastSeenAt'> & { readonly outcome: ItemOutcome | null; readonly named: boolean };

/** Gives each listed item its end: what the vendor said of it, or what became of the call that carried it. */
export function settleItems(listed: Of<'listed'>, events: readonly TargetEvent[], over: boolean): readonly NamedItem[] {
  const ends = new Map<string, Ended>();
  for (const event of events) {
    // Whatever was begun may have been sent, until a later event tells more.
    if (event.is === 'started' && event.node === listed.node && over) {
      for (const id of event.ids ?? []) ends.set(id, { id, outcome: 'unknown' });
    }
    if (event.is === 'answered' && event.node === listed.node) {
      for (const end of event.ended ?? []) ends.set(end.id, end);
    }
    if (event.is === 'withheld' && event.node === listed.node) {
      for (const id of event.ids) ends.set(id, { id, outcome: 'skipped', why: event.why });
    }
    if (event.is === 'failed' && event.node === listed.node) {
      const outcome = event.sent === 'perhaps' ? 'unknown' : 'failed';
      for (const id of event.ids ?? []) ends.set(id, { id, outcome });
    }
  }
  const gone = new Set(
    only(events, 'verified').flatMap(({ node, ids }) => (node === listed.node && ids !== null ? ids : [])),
  );
  const seen = new Map<string, number>();
  for (const { node, at, ids } of only(events, 'seen')) {
    if (node === listed.node) for (const id of ids) seen.set(id, at);
  }
  return listed.items.map((item) => {
    const end = ends.get(item.id);
    // What a later listing does not show any more was ended, whatever the vendor said.
    const verified = item.outcome === null && end !== undefined && gone.has(item.id);
    const known = verified ? { id: item.id, outcome: 'ended' as const } : end;
    const settled = settleItem(item, known, over);
    const at =
      settled.outcome === 'unknown' ? (seen.get(item.id) ?? (item.isUnseen ? undefined : listed.lookedAt)) : undefined;
    const lastSeenAt = at === undefined ? null : new Date(at).toISOString();
    return { ...settled, verified, lastSeenAt, named: listed.named };
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
