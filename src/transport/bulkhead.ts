import type { Clock } from '../core/clock.js';
import { Failure } from '../core/failure.js';
import type { Call } from '../core/target.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';

/**
 * Bounds how much of one service's traffic runs and waits, so that a slow vendor cannot hold up everything else. Nobody waits
 * for a turn beyond the end of the call.
 */
export function bulkhead(limits: Limits, clock: Clock): Wrap {
  const turns = new Turns(limits);
  return (next) => async (exchange, call) => {
    const wait = turns.take(call, clock);
    if (wait) await wait;
    try {
      return await next(exchange, call);
    } finally {
      turns.pass();
    }
  };
}

/** Timers take no more. */
const longestTimerMs = 2 ** 31 - 1;

/** So many at once; the others in the order in which they came. */
class Turns {
  readonly #limits: Limits;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Resolves when it is this call's turn; undefined if it is at once. Throws Failure if there is no room to wait. */
  take(call: Call, clock: Clock): Promise<void> | undefined {
    if (this.#running < this.#limits.inFlight) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.size < this.#limits.queue) return this.#wait(call, call.deadline - clock.now());
    throw new Failure('overloaded', 'Too many calls to this vendor are waiting already.');
  }

  /** Gives the turn to whoever has waited longest. */
  pass(): void {
    const [begin] = this.#waiting;
    if (begin) begin();
    else this.#running -= 1;
  }

  #wait({ signal }: Call, milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(begin);
        clearTimeout(timer);
        signal.removeEventListener('abort', gone);
      };
      const begin = (): void => {
        leave();
        resolve();
      };
      const gone = (): void => {
        leave();
        reject(new Failure('request-timeout', 'The caller went away before anything was sent.'));
      };
      const timer = setTimeout(
        () => {
          leave();
          reject(new Failure('overloaded', 'The time of the call was over before it was its turn at this vendor.'));
        },
        Math.min(milliseconds, longestTimerMs),
      );
      this.#waiting.add(begin);
      signal.addEventListener('abort', gone, { once: true });
      if (signal.aborted) gone();
    });
  }
}
