import { Counter, Gauge, type Registry } from 'prom-client';

/** What is sealed of the record, and what is not yet. */
export class SealMetrics {
  readonly #seals: Counter;
  readonly #unsealed: Gauge;
  readonly #upTo: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seals = new Counter({
      name: 'sluice_record_seals_total',
      help: 'Seals of the record that this replica made.',
      registers,
    });
    this.#unsealed = new Gauge({
      name: 'sluice_record_unsealed_operations',
      help: 'Operations that were over and in no seal when that was last looked at.',
      registers,
    });
    this.#upTo = new Gauge({
      name: 'sluice_record_sealed_timestamp_seconds',
      help: 'Operations that were over by then are sealed, as this replica knows; 0 for a store in memory.',
      registers,
    });
  }

  made(): void {
    this.#seals.inc();
  }

  /** All that was over by then is sealed, in milliseconds since the epoch; so many operations are not. */
  kept(upTo: number, waiting: number): void {
    this.#upTo.set(upTo / 1000);
    this.#unsealed.set(waiting);
  }
}
