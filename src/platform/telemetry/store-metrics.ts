import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Usage } from '../../core/record/retention.js';
import { storeTroubleReasons, type StoreTroubleReason } from '../../core/record/store-trouble.js';
import { SealMetrics } from './seal-metrics.js';

/** How the store does, and how much is in it. */
export class StoreMetrics {
  readonly seals: SealMetrics;
  readonly #available: Gauge;
  readonly #operations: Gauge;
  readonly #bytes: Gauge;
  readonly #mostBytes: Gauge;
  readonly #oldest: Gauge;
  readonly #pruned: Counter;
  readonly #written: Counter;
  readonly #unkept: Counter;
  readonly #duration: Histogram;
  readonly #failures: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.seals = new SealMetrics(registry);
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
    this.#written = new Counter({
      name: 'sluice_store_written_bytes_total',
      help: 'Bytes that were written of operations, about.',
      registers,
    });
    this.#unkept = new Counter({
      name: 'sluice_refused_calls_unkept_total',
      help: 'Refused calls that were counted only, since too many unlike ones came, or the store could not be written.',
      registers,
    });
    this.#duration = new Histogram({
      name: 'sluice_store_duration_seconds',
      help: 'How long the store took, for whatever was asked of it.',
      labelNames: ['operation'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4],
      registers,
    });
    this.#failures = new Counter({
      name: 'sluice_store_failures_total',
      help: 'Times that the store could not do what was asked of it, by reason.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of storeTroubleReasons) this.#failures.inc({ reason }, 0);
    for (const why of ['age', 'size'] as const) this.pruned(0, why);
  }

  /** A refused call was not kept. */
  refusalUnkept(): void {
    this.#unkept.inc();
  }

  available(isAvailable: boolean): void {
    this.#available.set(isAvailable ? 1 : 0);
  }

  /** What was asked of the store took so long, and failed for this reason, if it did. */
  asked(operation: string, seconds: number, reason: StoreTroubleReason | null): void {
    this.#duration.observe({ operation }, seconds);
    if (reason !== null) this.#failures.inc({ reason });
  }

  wrote(bytes: number): void {
    this.#written.inc(bytes);
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
