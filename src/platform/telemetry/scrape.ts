import type { Registry } from 'prom-client';
import type { Clock } from '../../core/model/clock.js';

/** Metrics are made again after so many milliseconds at the soonest. */
const everyMs = 1000;

/**
 * The text of all metrics, made once a second at most: all who ask meanwhile wait for the same one. It is never an old
 * one.
 */
export class Scrape {
  readonly contentType: string;
  readonly #registry: Registry;
  readonly #clock: Clock;
  #next: Promise<string> | null = null;
  #madeAt = -Infinity;

  constructor(registry: Registry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.contentType = registry.contentType;
  }

  text(): Promise<string> {
    this.#next ??= this.#make().finally(() => {
      this.#next = null;
    });
    return this.#next;
  }

  async #make(): Promise<string> {
    const sinceMs = this.#clock.now() - this.#madeAt;
    // A clock that was set back is no reason to wait.
    if (sinceMs >= 0 && sinceMs < everyMs) await this.#clock.sleep(everyMs - sinceMs);
    this.#madeAt = this.#clock.now();
    return this.#registry.metrics();
  }
}
