import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';

/** How many may have their turn at once, and how many may wait for theirs: so many urgent calls, and so many others. */
export interface TurnLimits {
  readonly inFlight: number;
  readonly queue: number;
}

/** Timers take no more. */
const longestTimerMs = 2 ** 31 - 1;

/** So many at once; the others in the order in which they came, whatever is urgent before all else. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #urgent = new Set<() => void>();
  readonly #others = new Set<() => void>();
  #running = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** How many have their turn now. */
  get inFlight(): number {
    return this.#running;
  }

  /** How many wait for theirs. */
  get queued(): number {
    return this.#urgent.size + this.#others.size;
  }

  /** Resolves when it is this call's turn; undefined if it is at once. Throws Failure if there is no room to wait. */
  take(call: Call, clock: Clock): Promise<void> | undefined {
    if (this.#running < this.#limits.inFlight) {
      this.#running += 1;
      return undefined;
    }
    const waiting = call.isUrgent ? this.#urgent : this.#others;
    if (waiting.size < this.#limits.queue) return join(waiting, call, call.deadline - clock.now());
    throw new Failure('overloaded', 'Too many are waiting already.');
  }

  /** Gives the turn to whoever has waited longest, of those who come first. */
  pass(): void {
    const [begin] = this.#urgent.size > 0 ? this.#urgent : this.#others;
    if (begin) begin();
    else this.#running -= 1;
  }
}

/** Waits among these until it begins. Throws Failure if its caller goes away, or its time is over, before that. */
function join(waiting: Set<() => void>, { signal }: Call, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.delete(begin);
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
    };
    const begin = (): void => {
      leave();
      resolve();
    };
    const gone = (): void => {
      leave();
      reject(new Failure('request-timeout', 'The caller went away before it was its turn.'));
    };
    const timer = setTimeout(
      () => {
        leave();
        reject(new Failure('overloaded', 'The time of the call was over before it was its turn.'));
      },
      Math.min(milliseconds, longestTimerMs),
    );
    waiting.add(begin);
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
  });
}
