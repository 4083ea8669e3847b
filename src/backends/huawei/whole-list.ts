import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../../core/model/clock.js';
import type { Seen } from '../../core/model/process.js';
import type { Call, Listing } from '../../core/model/target.js';
import { TooLarge } from '../../transport/too-large.js';
import { Turns } from '../../transport/turns.js';
import { PageSizes } from './page-sizes.js';

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

/** What was read of a list so far. */
class Reading {
  readonly #found = new Map<string, Seen>();
  /** Rows of processes that an earlier row was of: they move to later pages when others begin. */
  #again = 0;
  #rows = 0;
  #largestTotal = 0;
  #shrank = false;

  /** How many rows were read: the offset of the next page. */
  get offset(): number {
    return this.#rows;
  }

  /** Takes a page; tells whether anything in it is new. */
  take({ processes, rows, total }: Page): boolean {
    const before = this.#found.size;
    for (const process of processes) this.#found.set(process.id, process);
    this.#again += processes.length - (this.#found.size - before);
    this.#rows += rows;
    this.#shrank ||= total !== null && total < this.#largestTotal;
    this.#largestTotal = Math.max(this.#largestTotal, total ?? 0);
    return this.#found.size > before;
  }

  /** Leaves a row out that cannot be had. */
  stepOver(): void {
    this.#rows += 1;
  }

  /**
   * Complete is what has a process for every row, reaches the end that the vendor tells, and never became shorter: when some end
   * between two pages, others move to pages that were read already, and are not seen.
   */
  listing(): Omit<Listing, 'at'> {
    const hasAll = this.#found.size + this.#again === this.#rows && this.#rows >= this.#largestTotal;
    return { processes: [...this.#found.values()], complete: hasAll && !this.#shrank };
  }
}

/** Gives a page that is too large as what it is, and throws everything else. */
function orTooLarge(thrown: unknown): TooLarge {
  if (thrown instanceof TooLarge) return thrown;
  throw thrown;
}

/**
 * Reads a list page by page, as vendors give them by `offset` and `limit`. A page that is too large is asked for in smaller ones,
 * as far as there are sizes, and a single row is stepped over. Throws Failure where a page cannot be had, or the time of the
 * call ends before it is the list's turn.
 */
export async function wholeList(
  pageFrom: (offset: number, limit: number) => Promise<Page>,
  rowsPerPage: readonly [number, ...number[]],
  call: Call,
  clock: Clock,
  turns: Turns = long,
): Promise<Omit<Listing, 'at'>> {
  const reading = new Reading();
  const sizes = new PageSizes(rowsPerPage);
  let isLong = false;
  try {
    for (let pages = 0; pages < mostPages; pages += 1) {
      if (!isLong && reading.offset >= ordinaryRows) {
        const wait = turns.take(call, clock);
        if (wait) await wait;
        isLong = true;
      }
      const { offset } = reading;
      const limit = sizes.at(offset);
      const page = await pageFrom(offset, limit).catch(orTooLarge);
      if (page instanceof TooLarge) {
        if (limit === 1) reading.stepOver();
        else if (!sizes.tooLarge(offset, limit)) throw page;
        continue;
      }
      const isNews = reading.take(page);
      const isLast = page.total === null ? page.rows < limit : reading.offset >= page.total;
      if (isLast) return reading.listing();
      // A whole page without anything new: the vendor repeats itself, or stops before the end that it tells.
      if (page.rows === 0 || (!isNews && limit === sizes.largest)) break;
    }
    return { ...reading.listing(), complete: false };
  } finally {
    if (isLong) turns.pass();
  }
}
