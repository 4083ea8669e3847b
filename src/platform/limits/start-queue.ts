/** So many requests begin in one turn of the event loop. */
const each = 4;
/** Nobody is let in who would wait for longer, in milliseconds: there are hundreds before them. */
const longestWaitMs = 500;
/** How much one turn says about how long the next ones take. */
const weight = 1 / 32;
/** No turn counts for longer, in milliseconds: one pause of any length is no overload. */
const longestTurnMs = 50;

/** A request that is about to begin. */
export interface Start {
  readonly begin: () => void;
  /** Has its caller gone? Then it does not begin at all. */
  readonly isGone: () => boolean;
}

/**
 * Lets requests begin in the order in which they came, a few in each turn of the event loop. A turn in which hundreds
 * begin takes a second, and Node takes one new connection a turn: whoever came then would wait without being seen.
 */
export class StartQueue {
  readonly #waiting: Start[] = [];
  readonly #now: () => number;
  #begun = 0;
  /** When the turn before was; null if nobody waits. */
  #turnedAt: number | null = null;
  /** How long a turn takes of late, while some wait. */
  #turnMs = 0;
  #isTurning = false;

  /** The clock tells milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Would whoever comes now wait for too long, by how long turns take of late? */
  get isLate(): boolean {
    return (this.#waiting.length / each) * this.#turnMs > longestWaitMs;
  }

  /** Begins at once, if it may; else in one of the next turns. */
  enter(start: Start): void {
    if (this.#waiting.length === 0 && this.#begun < each) this.#begin(start);
    else this.#waiting.push(start);
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
      this.#timeTurn();
      while (this.#begun < each) {
        const next = this.#waiting.shift();
        if (!next) {
          this.#turnedAt = null;
          return;
        }
        this.#begin(next);
      }
      this.#awaitTurn();
    });
  }

  #timeTurn(): void {
    const now = this.#now();
    if (this.#turnedAt !== null) {
      this.#turnMs += (Math.min(now - this.#turnedAt, longestTurnMs) - this.#turnMs) * weight;
    }
    this.#turnedAt = now;
  }
}
