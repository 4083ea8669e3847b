import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../core/model/clock.js';

/** What does not tell of itself, as on a network disk, is noticed by then. */
const lookEveryMs = 10_000;
/** Writers make several changes at once: what follows within this time belongs to the same, for a second at most. */
const quietMs = 50;
const mostQuiets = 20;

/**
 * Calls `look` whenever a file may have changed: at once where the system tells of it, and every ten seconds. The
 * folder is watched, not the file: editors put a new file in its place, and Kubernetes a new folder behind the link
 * `..data`. One look at a time; the last always begins after the last change.
 */
export class Watch {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #look: () => Promise<void>;
  readonly #stopped = new AbortController();
  #watcher: FSWatcher | undefined;
  /** The folder that is watched, by its number: another may have come to its place. */
  #watched: number | undefined;
  #woken = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(file: string, clock: Clock, look: () => Promise<void>) {
    this.#folder = dirname(file);
    this.#clock = clock;
    this.#look = look;
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Looks soon. */
  readonly wake = (): void => {
    this.#woken.abort();
  };

  /** Resolves once no look is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!this.#isStopped()) {
      await this.#open();
      await this.#clock.sleep(lookEveryMs, AbortSignal.any([signal, this.#woken.signal]));
      for (let quiets = 0; quiets < mostQuiets && this.#woken.signal.aborted; quiets += 1) {
        this.#woken = new AbortController();
        await this.#clock.sleep(quietMs, signal);
      }
      if (!this.#isStopped()) await this.#look();
    }
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #open(): Promise<void> {
    try {
      const { ino } = await stat(this.#folder);
      if (this.#isStopped() || (this.#watcher && this.#watched === ino)) return;
      this.#close();
      this.#watched = ino;
      this.#watcher = watch(this.#folder, { persistent: false }, this.wake);
      // It is opened again at the next look.
      this.#watcher.on('error', () => {
        this.#close();
      });
    } catch {
      // Looking every ten seconds has to do.
      this.#close();
    }
  }

  #close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
