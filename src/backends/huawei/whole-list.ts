import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../../core/clock.js';
import type { Seen } from '../../core/process.js';
import type { Call, Listing } from '../../core/target.js';
import { Turns } from '../../transport/turns.js';

/** One page of a vendor's list. */
export interface Page {
  readonly processes: readonly Seen[];
  /** How many rows the page has: those that no kill could name are no processes. */
  readonly rows: number;
  /** How many there are on all pages; null if the vendor does not tell. */
  readonly total: number | null;
}

/** A vendor that does not come to an end is not followed for ever. */
const mostPages = 1000;
/** What is longer is read when it is its turn. */
const ordinaryRows = 1000;
/** Room in the heap for a longer one: ten thousand clients take some 10 MB until they are answered. */
const roomBytes = 32 * 1024 * 1024;
const longAtOnce = Math.max(1, Math.floor(getHeapStatistics().heap_size_limit / roomBytes));

/** The long lists that are being read, of all targets: more at once would need more memory than there is, and all of them be late. */
const long = new Turns({ inFlight: longAtOnce, queue: Infinity });

/**
 * Reads a list page by page, as vendors give them by `offset` and `limit`. It is complete if the vendor came to the end that it
 * tells and every row is a process. Throws Failure where a page cannot be had, or the time of the call ends before it is the list's turn.
 */
export async function wholeList(
  pageFrom: (offset: number) => Promise<Page>,
  rowsPerPage: number,
  call: Call,
  clock: Clock,
  turns: Turns = long,
): Promise<Omit<Listing, 'at'>> {
  // Processes come and go between two pages, so that one may be listed twice.
  const found = new Map<string, Seen>();
  let offset = 0;
  let complete = true;
  let isLong = false;
  try {
    for (let pages = 0; pages < mostPages; pages += 1) {
      if (!isLong && offset >= ordinaryRows) {
        const wait = turns.take(call, clock);
        if (wait) await wait;
        isLong = true;
      }
      const page = await pageFrom(offset);
      const before = found.size;
      for (const process of page.processes) found.set(process.id, process);
      complete &&= page.processes.length === page.rows;
      offset += page.rows;
      const isLast = page.total === null ? page.rows < rowsPerPage : offset >= page.total;
      if (isLast) return { processes: [...found.values()], complete };
      // A page without anything new: the vendor repeats itself, or stops before the end that it tells.
      if (found.size === before) break;
    }
    return { processes: [...found.values()], complete: false };
  } finally {
    if (isLong) turns.pass();
  }
}
