import type { Clock } from '../model/clock.js';

/** How many may wait at once: of one caller, and of all together. */
export interface MostWaiting {
  readonly perCaller: number;
  readonly inAll: number;
}

/** Why the wait is over. A reason of our own: without one an error is made each time, with its stack. */
const over = Symbol('over');

/**
 * Those that wait for an operation to end. Where too many wait already, nobody else does: they are answered as things
 * stand.
 */
export class Waits {
  readonly #clock: Clock;
  readonly #most: () => MostWaiting;
  readonly #byCaller = new Map<string, number>();
  readonly #ends = new Set<() => void>();
  #isStopping = false;

  constructor(clock: Clock, most = (): MostWaiting => ({ perCaller: Infinity, inAll: Infinity })) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Waits for an end, which is told when to stop looking for it; at most so long, and until the signal aborts. */
  async until(
    end: (signal: AbortSignal) => Promise<void>,
    caller: string,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const waiting = this.#byCaller.get(caller) ?? 0;
    const { perCaller, inAll } = this.#most();
    const mayWait = !this.#isStopping && waiting < perCaller && this.#ends.size < inAll;
    if (milliseconds <= 0 || signal?.aborted || !mayWait) return;
    const ending = new AbortController();
    const stop = (): void => {
      ending.abort(over);
    };
    this.#byCaller.set(caller, waiting + 1);
    this.#ends.add(stop);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await Promise.race([end(ending.signal), this.#clock.sleep(milliseconds, ending.signal)]);
    } finally {
      stop();
      signal?.removeEventListener('abort', stop);
      this.#ends.delete(stop);
      this.#leave(caller);
    }
  }

  #leave(caller: string): void {
    const left = (this.#byCaller.get(caller) ?? 1) - 1;
    if (left === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, left);
  }

  /** Ends all waiting, and lets nobody wait any more. */
  stop(): void {
    this.#isStopping = true;
    for (const stop of this.#ends) stop();
  }
}
