import type { Clock } from '../core/model/clock.js';

/** What each call adds to the budget, in tries. */
const share = 0.1;
/** What each second adds, so that a connection that is seldom used can repeat as well. */
const perSecond = 1;
/** The most that is saved up. */
const most = 10;

/**
 * The repetitions that the calls of one connection may share: a tenth of the calls, and a few more where there are not
 * many. A vendor that fails gets hardly more than it would get if it did not.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #tries = most;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Tells of a call, however often it will be tried. */
  called(): void {
    this.#tries = Math.min(most, this.#tries + share);
  }

  /** Takes one try out of the budget; false if there is none. */
  take(): boolean {
    const now = this.#clock.now();
    this.#tries = Math.min(most, this.#tries + (Math.max(0, now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#tries < 1) return false;
    this.#tries -= 1;
    return true;
  }
}
