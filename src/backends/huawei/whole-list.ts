import { longLivedBytes } from '../../transport/heap.js';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Seen } from '../../core/model/process.js';
import type { Call, Listing } from '../../core/model/target.js';
import { TooLarge } from '../../transport/too-large.js';
import { Turns } from '../../transport/turns.js';
import { PageSizes } from './page-sizes.js';
import type { Page, PageFrom } from './page.js';
import { oneByOne, PagesAhead, type SideBySide } from './pages-ahead.js';

/** A vendor that does not come to an end is not followed for ever. */
const mostPages = 1000;
/** What is longer is read when it is its turn. */
const ordinaryRows = 1000;
/** Room in the heap for a longer one: ten thousand clients take some 10 MB until they are answered. */
const roomBytes = 32 * 1024 * 1024;
const longAtOnce = Math.max(1, Math.floor(longLivedBytes() / roomBytes));

/**
 * The long lists that are being read, of all targets: more at once would need more memory than there is, and all of
 * them be late.
 */
const long = new Turns({ inFlight: longAtOnce, queue: Infinity });

/**
 * So many rows of a page were on the page before it, too: then nobody can have slipped from the one to the other
 * unseen.
 */
export function overlapOf(limit: number): number {
  return limit === 1 ? 0 : Math.max(1, Math.floor(limit / 10));
}

/** How often a page that has none of the rows before it is asked for again, from further in front. */
const mostReturns = 3;

/**
 * What was read of a list so far. Whoever lives throughout stands in one order: so a page that shows a row of those
 * before it goes on where they ended, whoever came and went meanwhile. A page that shows none may have left somebody
 * out.
 */
class Reading {
  /** The rows of each process, as of the last page that shows it: a vendor may list one in several rows. */
  readonly #found = new Map<string, readonly Seen[]>();
  /** Where the rows end that were read. */
  #end = 0;
  #smallestTotal = Infinity;
  #isWhole = true;

  get end(): number {
    return this.#end;
  }

  /** Does a page go on where the rows before it ended? */
  fits(offset: number, { processes }: Page): boolean {
    return offset === 0 || processes.some(({ id }) => this.#found.has(id));
  }

  /** Takes a page; tells whether anything in it is new. */
  take(offset: number, page: Page): boolean {
    const { processes, rows, total } = page;
    if (!this.fits(offset, page) || processes.length < rows) this.#isWhole = false;
    const before = this.#found.size;
    for (const [id, same] of Map.groupBy(processes, (process) => process.id)) this.#found.set(id, same);
    this.#end = Math.max(this.#end, offset + rows);
    this.#smallestTotal = Math.min(this.#smallestTotal, total ?? Infinity);
    return this.#found.size > before;
  }

  /** Leaves a row out that cannot be had. */
  stepOver(): void {
    this.#end += 1;
    this.#isWhole = false;
  }

  /** Complete is what reaches the end that the vendor tells, without a gap, and with no fewer than it counts. */
  listing(): Omit<Listing, 'at'> {
    const hasAll = this.#smallestTotal === Infinity || this.#found.size >= this.#smallestTotal;
    return { processes: [...this.#found.values()].flat(), complete: this.#isWhole && hasAll };
  }
}

/** Gives a page that is too large as what it is, and throws everything else. */
function orTooLarge(thrown: unknown): TooLarge {
  if (thrown instanceof TooLarge) return thrown;
  throw thrown;
}

/** How a list is read. */
export interface Manner {
  readonly sideBySide?: SideBySide;
  /**
   * Sees the rows of each page; true once all that is wanted of the list was seen. Then reading ends, and the list is
   * not whole; so it does where the time of the call is over.
   */
  readonly isEnough?: (rows: readonly Seen[]) => boolean;
  readonly turns?: Turns;
}

/**
 * Reads a list page by page, as vendors give them by `offset` and `limit`: each page begins with some rows of the one
 * before it, and what is missing between two is asked for from further in front. That holds for pages side by side,
 * too: of two that show the same row, each shows all that stood next to it at its own moment, whichever came first. A
 * page that is too large is asked for in smaller ones, as far as there are sizes, and a single row is stepped over.
 * Throws Failure where a page cannot be had, or the time of the call ends before it is the list's turn.
 */
export async function wholeList(
  pageFrom: PageFrom,
  rowsPerPage: readonly [number, ...number[]],
  call: Call,
  clock: Clock,
  { sideBySide = oneByOne, isEnough, turns = long }: Manner = {},
): Promise<Omit<Listing, 'at'>> {
  const reading = new Reading();
  const sizes = new PageSizes(rowsPerPage);
  const ahead = new PagesAhead(pageFrom, sideBySide, call);
  let isLong = false;
  let returns = 0;
  let total = 0;
  let stale = 0;
  try {
    for (let pages = 0; pages < mostPages; pages += 1) {
      if (!isLong && reading.end >= ordinaryRows) {
        const wait = turns.take(call, clock);
        if (wait) await wait;
        isLong = true;
      }
      const limit = sizes.at(reading.end);
      const back = returns === 0 ? overlapOf(limit) : Math.floor((limit * returns) / mostReturns);
      const from = Math.max(0, reading.end - back);
      const asked = returns === 0 ? ahead.take(from, limit, reading.end) : ahead.ask(from, limit);
      if (limit === sizes.largest) ahead.fill(asked, limit - overlapOf(limit), total);
      const page = await asked.page.catch(orTooLarge);
      if (page instanceof TooLarge) {
        if (limit === 1) reading.stepOver();
        else if (!sizes.tooLarge(reading.end, limit)) throw page;
        continue;
      }
      const { offset } = asked;
      total = page.total ?? total;
      // The list may have become shorter than where it would go on.
      const mayGoBack = limit > 1 && (page.rows > 0 || (page.total !== null && offset >= page.total));
      if (mayGoBack && !reading.fits(offset, page) && returns < mostReturns) {
        if (returns === 0 && page.rows > 0) ahead.putBack(asked);
        returns += 1;
        continue;
      }
      returns = 0;
      const isNews = reading.take(offset, page);
      const isLast = page.total === null ? page.rows < limit : offset + page.rows >= page.total;
      if (isLast) return reading.listing();
      if (isEnough?.(page.processes)) break;
      stale = isNews ? 0 : stale + 1;
      // A whole page without anything new: the vendor repeats itself, or stops before the end that it tells. One that
      // was asked for ahead may show what was seen in the meantime.
      if (page.rows === 0 || (limit === sizes.largest && stale > (asked.isAhead ? 1 : 0))) break;
    }
    return { ...reading.listing(), complete: false };
  } catch (thrown) {
    if (isEnough && reading.end > 0 && isOutOfTime(thrown)) return { ...reading.listing(), complete: false };
    throw thrown;
  } finally {
    if (isLong) turns.pass();
    ahead.stop();
  }
}

/** Callers who name ids are told of those that were seen before the time was over. */
function isOutOfTime(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.kind === 'upstream-timeout' || thrown.kind === 'overloaded');
}
