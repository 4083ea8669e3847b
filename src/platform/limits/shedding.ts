import type { OverloadConfig } from './limits.config.js';

const defaultInFlight = 2000;
const defaultDelayMs = 100;
/** So many are let in however late the event loop is: what few requests find there is not of their making. */
const always = 8;
/** How fast fewer are let in while the loop is late, and more once it is in time. */
const less = 0.8;
const more = 1.1;

/**
 * How many requests may be answered at once: what is configured, and fewer while the event loop is late. So a replica
 * that is asked for more than it can do goes on doing as much as it can.
 */
export class Shedding {
  #inFlight = 0;
  /** The most that were in flight since the loop was last judged. */
  #peak = 0;
  #most: number;
  #delayMs: number;
  #limit: number;

  constructor({ inFlight = defaultInFlight, eventLoopDelayMs = defaultDelayMs }: OverloadConfig = {}) {
    this.#most = inFlight;
    this.#delayMs = eventLoopDelayMs;
    this.#limit = inFlight;
  }

  /** How many may be answered at once while nothing is late. */
  get most(): number {
    return this.#most;
  }

  /** Goes by other limits from now on. */
  use({ inFlight = defaultInFlight, eventLoopDelayMs = defaultDelayMs }: OverloadConfig = {}): void {
    // What it came down to holds until the loop is in time.
    this.#limit = this.#limit < this.#most ? Math.min(this.#limit, inFlight) : inFlight;
    this.#most = inFlight;
    this.#delayMs = eventLoopDelayMs;
  }

  /** How many may be in flight now. */
  get limit(): number {
    return this.#limit;
  }

  /** Is there no room for another? */
  get isFull(): boolean {
    return this.#inFlight >= this.#limit;
  }

  /** Lets a request in, which must leave. */
  enter(): void {
    this.#inFlight += 1;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  leave(): void {
    this.#inFlight -= 1;
  }

  /** Told again and again how late the event loop is. */
  judge(delayMs: number): void {
    const [limit, most] = [this.#limit, this.#most];
    this.#limit =
      delayMs > this.#delayMs
        ? Math.min(most, Math.max(always, Math.floor(Math.min(limit, this.#peak) * less)))
        : Math.min(most, Math.ceil(limit * more));
    this.#peak = this.#inFlight;
  }
}
