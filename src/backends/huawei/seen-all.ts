import type { Seen } from '../../core/model/process.js';

/**
 * Sees the rows of each page of a list; true once it showed all these whole numbers, and went beyond the largest. A row
 * of one of them may still come where the list is not in the order of its ids, and of two rows about one process the
 * protected one wins: such a list is read to its end. That an id is nowhere only a whole list can tell.
 */
export function seenAll(ids: readonly string[]): (rows: readonly Seen[]) => boolean {
  const missing = new Set(ids);
  const largest = ids.map(BigInt).reduce((one, other) => (other > one ? other : one), 0n);
  let last = -1n;
  let isOrdered = true;
  return (rows) => {
    const numbers = rows.map(({ id }) => BigInt(id));
    isOrdered &&= numbers.every((id, index) => index === 0 || id >= (numbers[index - 1] ?? id));
    for (const { id } of rows) missing.delete(id);
    const end = numbers.at(-1) ?? last;
    isOrdered &&= end >= last;
    last = end;
    return isOrdered && missing.size === 0 && last > largest;
  };
}
