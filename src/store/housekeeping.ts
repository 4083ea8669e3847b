import type { Clock } from '../core/clock.js';
import type { Journal } from '../core/journal.js';

const lookEveryMs = 15_000;
const pruneEveryMs = 600_000;
/** Rows are deleted in small batches, so that nobody waits for them. */
const batch = 200;
/** What has been unknown for a day is not going to be settled. */
const unsettledMs = 24 * 3600_000;

/** Who is told how the store does. */
export interface StoreWatcher {
  /** Whether it answered, when it was last asked. */
  available(isAvailable: boolean): void;
  /** How many operations of the last day are unknown, by target. */
  unsettled(counts: ReadonlyMap<string, number>): void;
}

/** Looks after the store: tells what is unsettled, and deletes what is too old. */
export class Housekeeping {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #watcher: StoreWatcher;
  readonly #retentionMs: number;
  readonly #stopped = new AbortController();
  #prunedAt = -Infinity;

  constructor(journal: Journal, clock: Clock, retentionDays: number, watcher: StoreWatcher) {
    this.#journal = journal;
    this.#clock = clock;
    this.#retentionMs = retentionDays * 24 * 3600_000;
    this.#watcher = watcher;
  }

  start(): void {
    void this.#repeat();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Tells at once what is unsettled now. */
  async look(): Promise<void> {
    try {
      this.#watcher.unsettled(await this.#journal.unsettled(this.#clock.now() - unsettledMs));
      this.#watcher.available(true);
    } catch {
      this.#watcher.available(false);
    }
  }

  async #repeat(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.look();
      if (this.#clock.now() - this.#prunedAt >= pruneEveryMs) await this.#prune();
      await this.#clock.sleep(lookEveryMs, this.#stopped.signal);
    }
  }

  async #prune(): Promise<void> {
    this.#prunedAt = this.#clock.now();
    try {
      while (!this.#stopped.signal.aborted) {
        const now = this.#clock.now();
        if ((await this.#journal.prune(now - this.#retentionMs, now, batch)) < batch) return;
      }
    } catch {
      // A store that cannot be written is told of by `look`, and is tidied later.
    }
  }
}
