import type { Clock } from '../model/clock.js';
import { tellFreeze } from '../choose/admitted.js';
import { Failure, type BrakeReason, type FailureKind } from '../model/failure.js';
import { freezeOn, type Freeze } from '../model/freeze.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';
import type { Brakes, CancelRequest } from '../record/brakes.js';

/** How often the store is asked: all replicas obey within two seconds. */
const lookEveryMs = 500;
/** Nothing is sent by what was known longer ago: this process may have stood still since. */
const oldestKnownMs = 2000;

/** Where a watch tells what it finds. */
export interface BrakeListener {
  /** Does anything run here that could be cancelled? */
  readonly isRunning: () => boolean;
  readonly cancel: (operation: string, request: CancelRequest) => void;
  /** Reads again what the targets are by the moment. Never rejects. */
  readonly reread?: () => Promise<void>;
  readonly onError: (thrown: unknown) => void;
}

/** Knows which freezes hold, whichever replica was asked for them, and learns what is to be cancelled here. */
export class BrakeWatch {
  readonly #brakes: Brakes;
  readonly #clock: Clock;
  readonly #owner: string;
  /** Milliseconds that no change of the clock moves. */
  readonly #monotonic: () => number;
  readonly #stopped = new AbortController();
  /** The targets of the moment, once they are known. */
  #current: () => Targets | null = () => null;
  #freezes: readonly Freeze[] = [];
  /** Since when all that is known was asked for. */
  #knownAt = -Infinity;
  /** How many freezes were begun or ended here: what was asked for before lacks them. */
  #changes = 0;
  #refreshing: Promise<void> | null = null;
  #listener: BrakeListener | null = null;

  constructor(brakes: Brakes, clock: Clock, owner: string, monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#brakes = brakes;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Those that hold now, oldest first. */
  get freezes(): readonly Freeze[] {
    const now = this.#clock.now();
    return this.#freezes.filter(({ until }) => until > now);
  }

  /** Begins a freeze: here at once, on other replicas as soon as they look. False if one of this id holds already. */
  async freeze(freeze: Freeze): Promise<boolean> {
    const isBegun = await this.#brakes.freeze(freeze);
    if (!isBegun) return false;
    this.#changes += 1;
    this.#freezes = [...this.#freezes.filter(({ id }) => id !== freeze.id), freeze];
    return true;
  }

  /** Ends a freeze. False if there is none of this id. */
  async unfreeze(id: string): Promise<boolean> {
    const isEnded = await this.#brakes.unfreeze(id, this.#clock.now());
    this.#changes += 1;
    this.#freezes = this.#freezes.filter((freeze) => freeze.id !== id);
    return isEnded;
  }

  /**
   * Throws Failure if nothing more may be sent to a target, or nothing more of an operation: its guard before the first
   * byte.
   */
  assertMaySend(isCancelled: boolean, target: Target): void {
    const stopped = (kind: FailureKind, message: string, withheld: BrakeReason) =>
      new Failure(kind, message, { sent: 'never', withheld });
    if (isCancelled) throw stopped('cancelled', 'The operation was cancelled before this was sent.', 'cancelled');
    const current = this.#current()?.named(target.name) ?? target;
    if (current.safeguards.readOnly) {
      throw stopped('read-only', `"${target.name}" became read-only before this was sent.`, 'readOnly');
    }
    const freeze = freezeOn(this.#freezes, current, this.#clock.now());
    if (freeze) throw stopped('read-only', tellFreeze(target.name, freeze), 'frozen');
    if (!this.#isStale) return;
    throw new Failure('store-unavailable', 'Whether a freeze or a cancel came meanwhile is not known: it is not sent.');
  }

  /** Resolves once what is known is new enough to send by. Rejects if it cannot be read. */
  async refresh(): Promise<void> {
    while (this.#isStale) {
      this.#refreshing ??= this.#round().finally(() => {
        this.#refreshing = null;
      });
      await this.#refreshing;
    }
  }

  get #isStale(): boolean {
    return this.#monotonic() - this.#knownAt > oldestKnownMs;
  }

  /** Asks the store now. */
  async look(): Promise<readonly Freeze[]> {
    for (;;) {
      const changes = this.#changes;
      const found = await this.#brakes.freezes(this.#clock.now());
      if (changes !== this.#changes) continue;
      this.#freezes = found;
      return found;
    }
  }

  async #round(): Promise<void> {
    const since = this.#monotonic();
    const stoodStill = this.#isStale && this.#knownAt > -Infinity;
    await Promise.all([this.look(), stoodStill ? this.#reread() : undefined]);
    if (this.#listener?.isRunning() === true) {
      for (const [id, request] of await this.#brakes.cancelRequests(this.#owner)) this.#listener.cancel(id, request);
    }
    this.#knownAt = Math.max(this.#knownAt, since);
  }

  /** While this process stood still, targets may have become read-only. A disk that does not answer is given up. */
  async #reread(): Promise<void> {
    const inTime = new AbortController();
    await Promise.race([this.#listener?.reread?.(), this.#clock.sleep(oldestKnownMs, inTime.signal)]);
    inTime.abort();
  }

  /**
   * Looks until it is stopped, and goes by the targets of the moment. What it knew stands while the store cannot be
   * read: nothing new is sent then anyway.
   */
  start(current: () => Targets, listener: BrakeListener): void {
    this.#current = current;
    this.#listener = listener;
    const run = async (): Promise<void> => {
      while (!this.#stopped.signal.aborted) {
        await this.#round().catch((thrown: unknown) => {
          listener.onError(thrown);
        });
        await this.#clock.sleep(lookEveryMs, this.#stopped.signal);
      }
    };
    void run();
  }

  stop(): void {
    this.#stopped.abort();
  }
}
