import type { ListedItem } from '../model/listed-item.js';
import type { Sighting } from './look.js';
import type { Process, Seen } from '../model/process.js';

/** When a listing was made, by our clock and perhaps by the vendor's. */
type Times = Pick<Sighting, 'at' | 'begunAt' | 'vendorAt'>;

/** Two listings tell the start of one session, in whole seconds and at their own moment, at most so far apart. */
const startToleranceMs = 3000;

/** Does all that is told of a listed process fit the one that was listed before under the same id? */
export function isSameSession(item: ListedItem, process: Process, listing: Times): boolean {
  const startedAt = startedAtOf(process, listing);
  return (
    (['user', 'client', 'database'] as const).every((fact) => item[fact] === process[fact]) &&
    (startedAt === null || item.startedAt === null || Math.abs(startedAt - item.startedAt) <= startToleranceMs)
  );
}

/**
 * Does a listing prove that what it shows under an id is another session than the one that was listed before? A user
 * and a database may change within a session, and what is not known proves nothing.
 */
export function isAnotherSession(
  item: ListedItem,
  process: Process,
  { at, begunAt = at, vendorAt = begunAt }: Times,
): boolean {
  if (item.client !== null && process.client !== null && item.client !== process.client) return true;
  const startedAt = earliestStartOf(process, vendorAt);
  return startedAt !== null && item.startedAt !== null && startedAt > item.startedAt + startToleranceMs;
}

/**
 * Before this a process did not connect, in milliseconds since the epoch: ages are whole seconds, of a moment in the
 * listing.
 */
export function earliestStartOf({ ageSeconds }: Pick<Seen, 'ageSeconds'>, begunAt: Date): number | null {
  return ageSeconds === null ? null : begunAt.getTime() - (ageSeconds + 1) * 1000;
}

/**
 * When a process connected, in milliseconds since the epoch, as its listing tells; null where it does not. By the
 * vendor's clock where that is known: those of two replicas may differ.
 */
export function startedAtOf({ ageSeconds }: Pick<Seen, 'ageSeconds'>, { at, vendorAt = at }: Times): number | null {
  return ageSeconds === null ? null : vendorAt.getTime() - ageSeconds * 1000;
}
