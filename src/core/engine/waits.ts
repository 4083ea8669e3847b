import { after, type After } from '../model/clock.js';

/** How many may wait at once: of one caller, and of all together. */
export interface MostWaiting {
  readonly perCaller: number;
  readonly inAll: number;
}

/** Why the wait is over. A reason of our own: without one an error is made each time, with its stack. */
const over = Symbol('over');

/** What waiting goes by. */
export interface WaitOptions {
  /** How many may wait for operations at once; default any number. */
  readonly mostWaiting?: () => MostWaiting;
  /** What ends a wait that takes too long; default the time of this machine. */
  readonly after?: After;
}

/** The end of one wait: a signal of it is made once somebody asks for that. */
class Ending {
  #controller: AbortController | null = null;
  #isOver = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort(over);
    return this.#controller.signal;
  }

  end(): void {
    this.#isOver = true;
    this.#controller?.abort(over);
  }
}

/**
 * Those that wait for an operation to end. Where too many wait already, nobody else does: they are answered as things
 * stand.
 */
export class Waits {
  readonly #after: After;
  readonly #most: () => MostWaiting;
  readonly #byCaller = new Map<string, number>();
  readonly #ends = new Set<() => void>();
  #isStopping = false;

  constructor(options: WaitOptions) {
    this.#after = options.after ?? after;
    this.#most = options.mostWaiting ?? (() => ({ perCaller: Infinity, inAll: Infinity }));
  }

  /**
   * Waits for an end, at most so long, and until the signal aborts. What looks for the end asks for the signal that
   * tells it when to stop: most need none, and making and aborting one for each call costs more than recording it.
   * Resolves to false where nobody may wait.
   */
  async until(
    end: (over: () => AbortSignal) => Promise<void>,
    caller: string,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const waiting = this.#byCaller.get(caller) ?? 0;
    const { perCaller, inAll } = this.#most();
    const mayWait = !this.#isStopping && waiting < perCaller && this.#ends.size < inAll;
    if (milliseconds <= 0 || signal?.aborted || !mayWait) return false;
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const ending = new Ending();
    const stop = (): void => {
      resolve(undefined);
    };
    this.#byCaller.set(caller, waiting + 1);
    this.#ends.add(stop);
    signal?.addEventListener('abort', stop, { once: true });
    const forget = this.#after(milliseconds, stop);
    try {
      await Promise.race([end(() => ending.signal), stopped]);
      return true;
    } finally {
      forget();
      ending.end();
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
