import type { Call } from '../../core/model/target.js';
import type { Page, PageFrom } from './page.js';

/** How many exchanges of one connection may be pages that were asked for before their turn: others need some, too. */
export class AheadRoom {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Is there room for one more? Then it is taken. */
  take(): boolean {
    if (this.#left <= 0) return false;
    this.#left -= 1;
    return true;
  }

  give(): void {
    this.#left += 1;
  }
}

/** Why a page is let go. A reason of our own: without one an error is made each time, with its stack. */
const inVain = Symbol('in vain');

/** How many pages of a list are asked for side by side, and the room that its connection has for that. */
export interface SideBySide {
  readonly pages: number;
  readonly room: AheadRoom;
}

/** One after the other. */
export const oneByOne: SideBySide = { pages: 1, room: new AheadRoom(0) };

/** A page that was asked for. */
export interface AskedPage {
  readonly offset: number;
  readonly limit: number;
  readonly page: Promise<Page>;
  /** True: it was asked for before its turn. */
  readonly isAhead: boolean;
}

/**
 * Asks for the pages after the one that is wanted together with it, as far as the vendor told that there are any. Where
 * another page is wanted after all, they were asked for in vain.
 */
export class PagesAhead {
  readonly #pageFrom: PageFrom;
  readonly #sideBySide: SideBySide;
  readonly #call: Call;
  #held: readonly AskedPage[] = [];
  /** Of what is asked for before its turn: made once there is any. */
  #stopping: AbortController | null = null;

  constructor(pageFrom: PageFrom, sideBySide: SideBySide, call: Call) {
    this.#pageFrom = pageFrom;
    this.#sideBySide = sideBySide;
    this.#call = call;
  }

  /** The page from there on: one that was asked for and begins there or earlier, if it reaches beyond `end`. */
  take(offset: number, limit: number, end: number): AskedPage {
    const fitting = this.#held.findLast(
      (one) => one.limit === limit && one.offset <= offset && one.offset + limit > end,
    );
    // Pages that begin before that show nothing more.
    this.#held = this.#held.filter((one) => one.offset > (fitting?.offset ?? offset));
    return fitting ?? this.ask(offset, limit);
  }

  ask(offset: number, limit: number, isAhead = false): AskedPage {
    return { offset, limit, isAhead, page: this.#pageFrom(offset, limit, isAhead ? this.#untilStop() : this.#call) };
  }

  /** Aborts the pages that were asked for in vain. */
  stop(): void {
    this.#stopping?.abort(inVain);
  }

  #untilStop(): Call {
    this.#stopping ??= new AbortController();
    return { ...this.#call, signal: AbortSignal.any([this.#call.signal, this.#stopping.signal]) };
  }

  /** Takes back a page that did not fit yet: it may, once what is missing before it is there. */
  putBack(asked: AskedPage): void {
    if (this.#sideBySide.pages > 1) this.#held = [{ ...asked, isAhead: true }, ...this.#held];
  }

  /** Asks for those after it, each so many rows after the one before, up to the end that was told. */
  fill(asked: AskedPage, stride: number, total: number): void {
    const { limit } = asked;
    const { pages, room } = this.#sideBySide;
    let offset = Math.max(asked.offset, this.#held.at(-1)?.offset ?? 0) + stride;
    while (this.#held.length + 1 < pages && offset + limit - stride < total && room.take()) {
      const ahead = this.ask(offset, limit, true);
      this.#held = [...this.#held, ahead];
      // Callers that take it hear of its failure.
      ahead.page
        .catch(() => undefined)
        .finally(() => {
          room.give();
        });
      offset += stride;
    }
  }
}
