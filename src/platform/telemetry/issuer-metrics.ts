import { Counter, Gauge, type Registry } from 'prom-client';

/** How old the keys of token issuers are. */
export class IssuerMetrics {
  readonly #readAt: Gauge;
  readonly #failures: Counter;
  readonly #issuers = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#readAt = new Gauge({
      name: 'sluice_issuer_keys_read_timestamp_seconds',
      help: 'When the keys of a token issuer were last read. They are read once somebody brings a token.',
      labelNames: ['issuer'],
      registers,
    });
    this.#failures = new Counter({
      name: 'sluice_issuer_keys_failures_total',
      help: 'Times that the keys of a token issuer could not be read.',
      labelNames: ['issuer'],
      registers,
    });
  }

  /** Issuers of the configuration: others are forgotten. */
  keepOnly(issuers: ReadonlySet<string>): void {
    for (const issuer of this.#issuers) {
      if (issuers.has(issuer)) continue;
      this.#issuers.delete(issuer);
      this.#readAt.remove({ issuer });
      this.#failures.remove({ issuer });
    }
    for (const issuer of issuers) {
      this.#issuers.add(issuer);
      this.#failures.inc({ issuer }, 0);
    }
  }

  /** The keys were read, or could not be. Issuers that are not configured any more are not told of. */
  read(issuer: string, isRead: boolean): void {
    if (!this.#issuers.has(issuer)) return;
    if (isRead) this.#readAt.set({ issuer }, Date.now() / 1000);
    else this.#failures.inc({ issuer });
  }
}
