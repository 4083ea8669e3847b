import { Counter, Gauge, type Registry } from 'prom-client';
import type { Usage } from '../../core/record/journal.js';

/** How the store does, and how much is in it. */
export class StoreMetrics {
  readonly #available: Gauge;
  readonly #operations: Gauge;
  readonly #bytes: Gauge;
  readonly #mostBytes: Gauge;
  readonly #oldest: Gauge;
  readonly #pruned: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#available = new Gauge({
      name: 'sluice_store_available',
      help: '1 if the store of operations could be written when that was last tried, else 0: then nothing is changed.',
      registers,
    });
    this.#operations = new Gauge({ name: 'sluice_store_operations', help: 'Operations that are kept.', registers });
    this.#bytes = new Gauge({
      name: 'sluice_store_bytes',
      help: 'Bytes that the kept operations take, about.',
      registers,
    });
    this.#mostBytes = new Gauge({
      name: 'sluice_store_max_bytes',
      help: 'Bytes from which the oldest operations are deleted; 0 if there is no such limit.',
      registers,
    });
    this.#oldest = new Gauge({
      name: 'sluice_store_oldest_timestamp_seconds',
      help: 'When the oldest kept operation was created; 0 if there is none.',
      registers,
    });
    this.#pruned = new Counter({
      name: 'sluice_store_pruned_total',
      help: 'Operations that were deleted, because of their age or because of the size of the store.',
      labelNames: ['why'],
      registers,
    });
    for (const why of ['age', 'size'] as const) this.pruned(0, why);
  }

  available(isAvailable: boolean): void {
    this.#available.set(isAvailable ? 1 : 0);
  }

  /** The size from which the oldest are deleted; undefined if there is none. */
  limited(maxMegabytes: number | undefined): void {
    this.#mostBytes.set((maxMegabytes ?? 0) * 1_000_000);
  }

  kept({ operations, bytes, oldestAt }: Usage): void {
    this.#operations.set(operations);
    this.#bytes.set(bytes);
    this.#oldest.set((oldestAt ?? 0) / 1000);
  }

  pruned(operations: number, why: 'age' | 'size'): void {
    this.#pruned.inc({ why }, operations);
  }
}
