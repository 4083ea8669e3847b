import type { Clock } from '../core/model/clock.js';
import type { Journal } from '../core/record/journal.js';
import type { StoreTrouble } from '../core/record/store-trouble.js';
import { Unavailable } from './database.js';

/** How long between two looks: before the first that succeeded, while it can be written, and while it cannot. */
const everyMs = { atFirst: 1000, well: 10_000, down: 5000 };
/** What has been unknown for a day is not going to be settled. */
const unsettledMs = 24 * 3600_000;

/** Who is told how the store does. */
export interface StoreWatcher {
  /** It can be written: at the first look, and whenever that has changed. */
  available(): void;
  /** It cannot be written: at each look. The trouble is null if it is none of the engine's. */
  unavailable(trouble: StoreTrouble | null, thrown: unknown): void;
  /** How many operations of the last day are unknown, by target. */
  unsettled(counts: ReadonlyMap<string, number>): void;
}

/** Writes to the store now and then, and tells whether that can be done, and what in it is unsettled. */
export class StoreWatch {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #watcher: StoreWatcher;
  readonly #stopped = new AbortController();
  #isAvailable: boolean | null = null;
  #wasWritten = false;
  /** Something found no room: what is written next must be large enough to show that there is some. */
  #wantsRoom = false;
  #looking: Promise<void> | null = null;

  constructor(journal: Journal, clock: Clock, watcher: StoreWatcher) {
    this.#journal = journal;
    this.#clock = clock;
    this.#watcher = watcher;
  }

  /** The store was written at least once since this process began. */
  get wasWritten(): boolean {
    return this.#wasWritten;
  }

  start(): void {
    void this.#repeat();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Tells at once whether the store can be written, and what is unsettled now. Whoever asks meanwhile waits along. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Somebody could not use the store: looks whether that is so for all. */
  suspect(isFull: boolean): void {
    this.#wantsRoom ||= isFull;
    if (this.#isAvailable !== false) void this.look();
  }

  async #look(): Promise<void> {
    try {
      const now = this.#clock.now();
      await this.#journal.check(now, this.#wantsRoom);
      this.#wantsRoom = false;
      this.#wasWritten = true;
      if (this.#isAvailable !== true) this.#watcher.available();
      this.#isAvailable = true;
      this.#watcher.unsettled(await this.#journal.unsettled(now - unsettledMs));
    } catch (thrown) {
      this.#isAvailable = false;
      const { cause } = thrown as { readonly cause?: unknown };
      this.#watcher.unavailable(cause instanceof Unavailable ? cause.trouble : null, thrown);
    }
  }

  async #repeat(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.look();
      const { atFirst, well, down } = everyMs;
      const pauseMs = !this.#wasWritten ? atFirst : this.#isAvailable ? well : down;
      await this.#clock.sleep(pauseMs, this.#stopped.signal);
    }
  }
}
