import type { TargetEvent } from '../model/event.js';
import type { ListedItem } from '../model/listed-item.js';
import { byKind, endOf, isMassVerified } from './fold-events.js';
import { settleItems } from './fold-items.js';

/** What is not known, or not confirmed, of one node when a target's part is over. */
export interface OpenEnd {
  readonly node: string | null;
  /** Ids of which it is unknown what became, and those that the vendor said it ended. */
  readonly items: readonly (ListedItem & { readonly isUnknown: boolean })[];
  /** The vendor's own call that was not answered: when it was sent, and the job that it became. */
  readonly mass: { readonly at: number; readonly jobId: string | null } | null;
}

/** Where a later listing can tell more of a target than its events do. */
export function openEnds(all: readonly TargetEvent[]): readonly OpenEnd[] {
  const events = byKind(all);
  const killed = events.listed.flatMap((listed): readonly OpenEnd[] => {
    const unverified = settleItems(listed, events, events.ended.length > 0).filter(({ verified }) => !verified);
    if (!unverified.some(({ outcome }) => outcome === 'unknown')) return [];
    const items = unverified.flatMap(({ item, outcome }) =>
      outcome === 'unknown' || outcome === 'ended'
        ? [{ ...item, outcome: null, isUnknown: outcome === 'unknown' }]
        : [],
    );
    return [{ node: listed.node, items, mass: null }];
  });
  const mass = events.started
    .filter((started) => started.ids === null && !isMassVerified(started, events))
    .flatMap((started): readonly OpenEnd[] => {
      const end = endOf(started, events);
      if (end?.is === 'answered' || end?.sent === 'never' || end?.sent === 'refused') return [];
      const { jobId } = events.accepted.find(({ node }) => node === started.node)?.call ?? { jobId: null };
      return [{ node: started.node, items: [], mass: { at: started.at, jobId } }];
    });
  return [...killed, ...mass];
}
