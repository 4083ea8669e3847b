import type { Clock } from '../model/clock.js';
import type { Prepared } from '../model/event.js';
import { Failure } from '../model/failure.js';
import { LeaseLost, type Journal, type Lease, type OpenResult, type Terms } from '../record/journal.js';

/** How leases are kept, in milliseconds. */
export interface LeaseTimes {
  /** For how long an operation is ours after we last said so, and how often we say so. */
  readonly lease: number;
  readonly renewEvery: number;
  /** What is left of a lease must be enough to send what was just recorded. */
  readonly margin: number;
}

const usual: LeaseTimes = { lease: 15_000, renewEvery: 5000, margin: 2000 };
/** How many operations that nobody keeps are taken over at once. */
const mostAdopted = 100;
/** How many of them are read at once: others want to read as well. */
const readAtOnce = 100;
/**
 * How many operations in doubt are remembered: the first of an outage, which were on their way when it began. Others
 * are adopted once their leases are over: the newest that it is unsure of are what a journal does not renew.
 */
const mostInDoubt = 2000;

/** Keeps this process's operations its own, and finds those that nobody keeps any more. */
export class Keeper {
  readonly owner: string;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #times: LeaseTimes;
  readonly #stopped = new AbortController();
  /**
   * What may be ours in the store, and is not worked on yet: since when. Nobody else takes it while we renew our
   * leases.
   */
  readonly #untaken = new Map<string, number>();
  /** When each operation was last ours for sure, in milliseconds since the epoch. */
  #renewedAt = 0;

  constructor(journal: Journal, clock: Clock, owner: string, times = usual) {
    this.#journal = journal;
    this.#clock = clock;
    this.#times = times;
    this.owner = owner;
  }

  /**
   * Begins an operation as ours. If it is not known whether it began, it is looked for, and brought to its end if it
   * did.
   */
  async open(first: Prepared, terms: Terms, forMs = this.#times.lease): Promise<OpenResult> {
    const now = this.#clock.now();
    try {
      return await this.#journal.open(first, terms, this.#lease(forMs));
    } catch (thrown) {
      const isSure = thrown instanceof Failure && !thrown.isUnsure;
      if (!isSure && this.#untaken.size < mostInDoubt) this.#untaken.set(first.header.id, now);
      throw thrown;
    }
  }

  /** Takes over an operation that nobody owned; if it is unknown whether it did, as one that may have begun. */
  async reopen<Result>(id: string, take: (lease: Lease) => Promise<Result>): Promise<Result> {
    const now = this.#clock.now();
    try {
      return await take(this.#lease());
    } catch (thrown) {
      const isSure = thrown instanceof Failure && !thrown.isUnsure;
      if (!isSure && this.#untaken.size < mostInDoubt) this.#untaken.set(id, now);
      throw thrown;
    }
  }

  #lease(forMs = this.#times.lease): Lease {
    const now = this.#clock.now();
    return { owner: this.owner, now, until: now + forMs };
  }

  /** Renews what is ours, and hands over each operation that nobody keeps, until it is stopped. */
  start(
    mine: () => readonly string[],
    takeOver: (id: string, takenAt: number) => Promise<boolean>,
    onError: (thrown: unknown) => void,
  ): void {
    void this.#repeat(async () => {
      if (mine().length === 0) return;
      const now = this.#clock.now();
      await this.#journal.renew(this.#lease());
      this.#renewedAt = now;
    }, onError);
    void this.#repeat(async () => {
      const now = this.#clock.now();
      for (const id of await this.#journal.adopt(this.#lease(), mostAdopted)) this.#untaken.set(id, now);
      await this.#takeAll(takeOver, onError);
    }, onError);
  }

  /** The newest first: what was adopted just now is there for sure. */
  async #takeAll(
    takeOver: (id: string, takenAt: number) => Promise<boolean>,
    onError: (thrown: unknown) => void,
  ): Promise<void> {
    const untaken = [...this.#untaken].toReversed();
    for (let at = 0; at < untaken.length && !this.#stopped.signal.aborted; at += readAtOnce) {
      const some = untaken.slice(at, at + readAtOnce);
      await Promise.all(some.map(([id, since]) => this.#take(id, since, takeOver, onError)));
    }
  }

  /** What cannot be read now is taken over at the next try; what is not there by then never began. */
  async #take(
    id: string,
    since: number,
    takeOver: (id: string, takenAt: number) => Promise<boolean>,
    onError: (thrown: unknown) => void,
  ): Promise<void> {
    try {
      const isTaken = await takeOver(id, since);
      if (isTaken || this.#clock.now() >= since + this.#times.lease) this.#untaken.delete(id);
    } catch (thrown) {
      onError(thrown);
    }
  }

  /**
   * Throws LeaseLost if an operation may have been taken over since: for instance, because this process stood still.
   */
  assertHolds(operation: string, takenAt: number): void {
    const { lease, margin } = this.#times;
    const until = Math.max(this.#renewedAt, takenAt) + lease - margin;
    if (this.#clock.now() >= until) throw new LeaseLost(operation);
  }

  /** Stops, and gives back what is ours so that others need not wait for it. */
  async stop(hasAny: boolean): Promise<void> {
    this.#stopped.abort();
    const now = this.#clock.now();
    if (hasAny || this.#untaken.size > 0) await this.#journal.renew({ owner: this.owner, now, until: now });
  }

  async #repeat(work: () => Promise<void>, onError: (thrown: unknown) => void): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await work();
      } catch (thrown) {
        onError(thrown);
      }
      await this.#clock.sleep(this.#times.renewEvery, this.#stopped.signal);
    }
  }
}
