import type { OperationEvent } from '../model/event.js';
import type { Operation } from '../model/operation.js';
import type { Entry } from './journal.js';
import { ownBudget } from './own-budget.js';

/** What an operation does not need any more once these events are written; its record if it is closed. */
export function givenBackBy(
  events: readonly OperationEvent[],
  record: Operation | null,
): Pick<Entry, 'record' | 'freed' | 'used'> {
  if (record) return { record, used: usedOf(record) };
  const freed = events.flatMap((event) => (event.is === 'ended' ? [event.target] : []));
  return freed.length > 0 ? { freed } : {};
}

/** How many of the kills that were taken from budgets may have ended something, where some provably have not. */
function usedOf({ kind, dryRun, requestedBy, targets }: Operation): NonNullable<Entry['used']> {
  if (kind !== 'processes.kill' || dryRun) return [];
  return targets.flatMap(({ target, counts: { ended, unknown, failed, notFound, skipped } }) => {
    // What nobody counted may have ended something.
    if (ended === null || unknown === null || failed === null) return [];
    if (failed + (notFound ?? 0) + (skipped ?? 0) === 0) return [];
    const count = ended + unknown;
    return [
      { target, count },
      { target: ownBudget(requestedBy, target), count },
    ];
  });
}
