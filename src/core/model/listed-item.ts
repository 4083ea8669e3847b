import type { Item } from './operation.js';

/** A process that was looked at: to be sent (`null`), or settled already. */
export type ListedItem = Omit<Item, 'outcome' | 'verified' | 'lastSeenAt'> & {
  readonly outcome: 'skipped' | 'wouldEnd' | null;
  /** When it connected, in milliseconds since the epoch; null where it is unknown. */
  readonly startedAt: number | null;
  /** The caller named it, and no list showed it. */
  readonly isUnseen?: true;
};
