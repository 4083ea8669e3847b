import type { Clock } from '../model/clock.js';
import { tellFreeze } from '../choose/admitted.js';
import { Failure, type BrakeReason, type FailureKind } from '../model/failure.js';
import { freezeOn, type Freeze } from '../model/freeze.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';
import type { Brakes, CancelRequest } from '../record/brakes.js';

/** How often the store is asked: all replicas obey within two seconds. */
const lookEveryMs = 500;

/** Where a watch tells what it finds. */
export interface BrakeListener {
  /** Does anything run here that could be cancelled? */
  readonly isRunning: () => boolean;
  readonly cancel: (operation: string, request: CancelRequest) => void;
  readonly onError: (thrown: unknown) => void;
}

/** Knows which freezes hold, whichever replica was asked for them, and learns what is to be cancelled here. */
export class BrakeWatch {
  readonly #brakes: Brakes;
  readonly #clock: Clock;
  readonly #owner: string;
  readonly #stopped = new AbortController();
  /** The targets of the moment, once they are known. */
  #current: () => Targets | null = () => null;
  #freezes: readonly Freeze[] = [];

  constructor(brakes: Brakes, clock: Clock, owner: string) {
    this.#brakes = brakes;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Those that hold now, oldest first. */
  get freezes(): readonly Freeze[] {
    const now = this.#clock.now();
    return this.#freezes.filter(({ until }) => until > now);
  }

  /** Begins a freeze: here at once, on other replicas as soon as they look. */
  async freeze(freeze: Freeze): Promise<void> {
    await this.#brakes.freeze(freeze);
    this.#freezes = [...this.#freezes.filter(({ id }) => id !== freeze.id), freeze];
  }

  /** Ends a freeze. False if there is none of this id. */
  async unfreeze(id: string): Promise<boolean> {
    const isEnded = await this.#brakes.unfreeze(id, this.#clock.now());
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
  }

  /** Asks the store now. */
  async look(): Promise<readonly Freeze[]> {
    this.#freezes = await this.#brakes.freezes(this.#clock.now());
    return this.#freezes;
  }

  /**
   * Looks until it is stopped, and goes by the targets of the moment. What it knew stands while the store cannot be
   * read: nothing new is sent then anyway.
   */
  start(current: () => Targets, { isRunning, cancel, onError }: BrakeListener): void {
    this.#current = current;
    const round = async (): Promise<void> => {
      await this.look();
      if (!isRunning()) return;
      for (const [id, request] of await this.#brakes.cancelRequests(this.#owner)) cancel(id, request);
    };
    const run = async (): Promise<void> => {
      while (!this.#stopped.signal.aborted) {
        await round().catch(onError);
        await this.#clock.sleep(lookEveryMs, this.#stopped.signal);
      }
    };
    void run();
  }

  stop(): void {
    this.#stopped.abort();
  }
}
