import { Gauge, type Registry } from 'prom-client';
import type { Logger } from './log.js';

/** Seconds from which on a difference is warned of: signatures are refused at 900. */
const warnFrom = 60;

/** Tells how far the clocks of vendors are from ours. */
export class ClockSkew {
  readonly #log: Logger;
  readonly #gauge: Gauge;
  /** The connections whose difference was warned of. */
  readonly #warned = new Set<string>();

  constructor(registry: Registry, log: Logger) {
    this.#log = log;
    this.#gauge = new Gauge({
      name: 'sluice_vendor_clock_skew_seconds',
      help: "How far a vendor's clock is ahead of ours, by the Date of its last answer; negative if it is behind.",
      labelNames: ['connection', 'service'],
      registers: [registry],
    });
  }

  /** A difference is warned of once, until it is gone. */
  see(connection: string, service: string, seconds: number): void {
    this.#gauge.set({ connection, service }, seconds);
    const key = `${connection} ${service}`;
    if (Math.abs(seconds) < warnFrom) this.#warned.delete(key);
    else if (!this.#warned.has(key)) {
      this.#warned.add(key);
      this.#log.warn(
        { connection, service, seconds },
        "a vendor's clock and ours differ: at 900 s it refuses signatures",
      );
    }
  }
}
