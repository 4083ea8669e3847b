import type { Clock } from '../core/model/clock.js';
import type { Journal } from '../core/record/journal.js';

const lookEveryMs = 15_000;
/** What has been unknown for a day is not going to be settled. */
const unsettledMs = 24 * 3600_000;

/** Who is told how the store does. */
export interface StoreWatcher {
  /** Whether it answers: at the first look, and whenever that has changed. */
  available(isAvailable: boolean, why?: unknown): void;
  /** How many operations of the last day are unknown, by target. */
  unsettled(counts: ReadonlyMap<string, number>): void;
}

/** Tells now and then how the store does, and what in it is unsettled. */
export class StoreWatch {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #watcher: StoreWatcher;
  readonly #stopped = new AbortController();
  #isAvailable: boolean | null = null;

  constructor(journal: Journal, clock: Clock, watcher: StoreWatcher) {
    this.#journal = journal;
    this.#clock = clock;
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
      this.#tell(true);
    } catch (thrown) {
      this.#tell(false, thrown);
    }
  }

  #tell(isAvailable: boolean, why?: unknown): void {
    if (this.#isAvailable === isAvailable) return;
    this.#isAvailable = isAvailable;
    this.#watcher.available(isAvailable, why);
  }

  async #repeat(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.look();
      await this.#clock.sleep(lookEveryMs, this.#stopped.signal);
    }
  }
}
