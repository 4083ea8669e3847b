import type { Operation } from '../core/operation.js';

/** How large a record is: its targets, and the processes that it names. */
export function partsOf(record: Operation | undefined): number {
  return (record?.targets ?? []).reduce((sum, { items }) => sum + 1 + items.length, 0);
}
