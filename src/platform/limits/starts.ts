/** So many requests begin in one turn of the event loop. */
const each = 4;
/** Once the first in line has waited for longer, in milliseconds, nobody else is let in: there are hundreds before them. */
const longestWaitMs = 500;

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
  readonly #now: () => number;
  #begun = 0;
  #isTurning = false;

  /** The clock tells milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Has the first in line waited for too long? */
  get isLate(): boolean {
    const [first] = this.#waiting;
    return first !== undefined && this.#now() - first.since > longestWaitMs;
  }

  /** Begins at once, if it may; else in one of the next turns. */
  enter(start: Start): void {
    if (this.#waiting.length === 0 && this.#begun < each) this.#begin(start);
    else this.#waiting.push({ ...start, since: this.#now() });
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
