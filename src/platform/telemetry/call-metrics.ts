import { Gauge, type Registry } from 'prom-client';
import type { CallLoad } from '../../transport/bulkhead.js';

interface Opened {
  readonly labels: { readonly connection: string; readonly service: string };
  readonly load: CallLoad;
}

/** How many calls of each service of each connection run and wait. */
export class CallMetrics {
  readonly #opened = new Map<string, Opened>();

  constructor(registry: Registry) {
    const tell = (name: string, help: string, value: (load: CallLoad) => number): void => {
      const opened = this.#opened;
      new Gauge({
        name,
        help,
        labelNames: ['connection', 'service'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels, load } of opened.values()) this.set(labels, value(load));
        },
      });
    };
    tell('sluice_connection_calls_in_flight', 'Calls to a vendor that run.', ({ now }) => now().inFlight);
    tell('sluice_connection_calls_queued', 'Calls to a vendor that wait for their turn.', ({ now }) => now().queued);
    tell('sluice_connection_calls_limit', 'Calls to a vendor that may run at once.', ({ limit }) => limit);
  }

  /** A service was opened, or opened anew: what it has to do is told from now on. */
  opened(connection: string, service: string, load: CallLoad): void {
    this.#opened.set(`${connection} ${service}`, { labels: { connection, service }, load });
  }

  /** Forgets the connections that nobody uses any more. */
  keepOnly(connections: ReadonlySet<string>): void {
    for (const [key, { labels }] of this.#opened) if (!connections.has(labels.connection)) this.#opened.delete(key);
  }
}
