/**
 * How long one request has waited for others: for vendors, or because its caller wanted it to. Waits that overlap count
 * once.
 */
export class Waiting {
  #open = 0;
  #since = 0;
  #ms = 0;

  /** Milliseconds so far, with what is waited for now. */
  get ms(): number {
    return this.#open === 0 ? this.#ms : this.#ms + performance.now() - this.#since;
  }

  /** Counts the time of some work. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#open === 0) this.#since = performance.now();
    this.#open += 1;
    try {
      return await work();
    } finally {
      this.#open -= 1;
      if (this.#open === 0) this.#ms += performance.now() - this.#since;
    }
  }
}

/** Does some work, whose time counts where somebody waits for it. */
export function waited<T>(waiting: Waiting | undefined, work: () => Promise<T>): Promise<T> {
  return waiting ? waiting.during(work) : work();
}
