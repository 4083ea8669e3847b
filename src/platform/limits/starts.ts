/** So many requests begin in one turn of the event loop. */
const each = 4;

/** A request that is about to begin. */
export interface Start {
  readonly begin: () => void;
  /** Has its caller gone? Then it does not begin at all. */
  readonly isGone: () => boolean;
}

/**
 * Lets requests begin in the order in which they came, a few in each turn of the event loop. A turn in which hundreds begin
 * takes a second, and Node takes one new connection a turn: whoever came then would wait without being seen.
 */
export class Starts {
  readonly #waiting: (Start & { readonly since: number })[] = [];
  #begun = 0;
  #isTurning = false;

  /** For how long the first in line has waited, in milliseconds. */
  get waitMs(): number {
    const [first] = this.#waiting;
    return first ? performance.now() - first.since : 0;
  }

  /** Begins at once, if it may; else in one of the next turns. */
  enter(start: Start): void {
    if (this.#waiting.length === 0 && this.#begun < each) this.#begin(start);
    else this.#waiting.push({ ...start, since: performance.now() });
    this.#awaitTurn();
  }

  #begin({ begin, isGone }: Start): void {
    if (isGone()) return;
    this.#begun += 1;
    begin();
  }

  #awaitTurn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      this.#begun = 0;
      while (this.#begun < each) {
        const next = this.#waiting.shift();
        if (!next) return;
        this.#begin(next);
      }
      this.#awaitTurn();
    });
  }
}
