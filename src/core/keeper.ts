import type { Clock } from './clock.js';
import { LeaseLost, type Journal, type Lease } from './journal.js';

/** For how long an operation is ours after we last said so, and how often we say so. */
const leaseMs = 15_000;
const renewEveryMs = 5000;
/** What is left of a lease must be enough to send what was just recorded. */
const leaseMarginMs = 2000;
/** How many operations that nobody keeps are taken over at once. */
const mostAdopted = 100;

/** Keeps this process's operations its own, and finds those that nobody keeps any more. */
export class Keeper {
  readonly owner: string;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  /** When each operation was last ours for sure, in milliseconds since the epoch. */
  #renewedAt = 0;

  constructor(journal: Journal, clock: Clock, owner: string) {
    this.#journal = journal;
    this.#clock = clock;
    this.owner = owner;
  }

  lease(): Lease {
    return { owner: this.owner, until: this.#clock.now() + leaseMs };
  }

  /** Renews what is ours, and hands over each operation that nobody keeps, until it is stopped. */
  start(
    mine: () => readonly string[],
    takeOver: (id: string) => Promise<void>,
    onFault: (thrown: unknown) => void,
  ): void {
    void this.#repeat(async () => {
      if (mine().length === 0) return;
      const now = this.#clock.now();
      await this.#journal.renew(this.lease());
      this.#renewedAt = now;
    }, onFault);
    void this.#repeat(async () => {
      const found = await this.#journal.adopt(this.lease(), this.#clock.now(), mostAdopted);
      await Promise.all(found.map(takeOver));
    }, onFault);
  }

  /** Throws LeaseLost if an operation may have been taken over since: for instance, because this process stood still. */
  assertHolds(operation: string, takenAt: number): void {
    const until = Math.max(this.#renewedAt, takenAt) + leaseMs - leaseMarginMs;
    if (this.#clock.now() >= until) throw new LeaseLost(operation);
  }

  /** Stops, and gives back what is ours so that others need not wait for it. */
  async stop(hasAny: boolean): Promise<void> {
    this.#stopped.abort();
    if (hasAny) await this.#journal.renew({ owner: this.owner, until: this.#clock.now() });
  }

  async #repeat(work: () => Promise<void>, onFault: (thrown: unknown) => void): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await work();
      } catch (thrown) {
        onFault(thrown);
      }
      await this.#clock.sleep(renewEveryMs, this.#stopped.signal);
    }
  }
}
