import { longLivedBytes } from '../../transport/heap.js';
import { collectDefaultMetrics, Counter, Gauge, type Registry } from 'prom-client';
import { linesDropped } from './line-writer.js';

/** Gauges of prom-client that end in `_total`, which Prometheus keeps for counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** What is asked of this process whenever somebody looks. */
export interface RuntimeState {
  readonly running: () => number;
  /** Seconds since the oldest of them began; 0 if none runs. */
  readonly oldestSeconds: () => number;
  /** Since when each freeze that holds does, in milliseconds since the epoch. */
  readonly freezes: () => readonly number[];
  /** When each operation that waits for an approval was asked for, in milliseconds since the epoch. */
  readonly approvals: () => readonly number[];
  /** How many requests may be answered at once. */
  readonly requestsLimit: () => number;
}

/** Adds what is told of this process as a whole: what it is, how its runtime does, what runs in it. */
export function tellProcess(registry: Registry, version: string, state: RuntimeState): void {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];
  new Gauge({
    name: 'sluice_build_info',
    help: 'What runs.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version, node_version: process.versions.node }, 1);
  new Gauge({
    name: 'sluice_operations_running',
    help: 'Operations that run in this process.',
    registers,
    collect() {
      this.set(state.running());
    },
  });
  new Gauge({
    name: 'sluice_operations_oldest_running_seconds',
    help: 'Age of the oldest operation that runs in this process; 0 if none does.',
    registers,
    collect() {
      this.set(state.oldestSeconds());
    },
  });
  new Gauge({
    name: 'sluice_freezes',
    help: 'Freezes that hold, whichever replica was asked for them.',
    registers,
    collect() {
      this.set(state.freezes().length);
    },
  });
  new Gauge({
    name: 'sluice_freezes_oldest_seconds',
    help: 'For how long the oldest freeze that holds has done so; 0 if none does.',
    registers,
    collect() {
      const oldest = Math.min(...state.freezes());
      this.set(oldest === Infinity ? 0 : Math.max(0, Date.now() - oldest) / 1000);
    },
  });
  new Gauge({
    name: 'sluice_requests_limit',
    help: 'Requests that may be answered at once: fewer than configured while the event loop is late.',
    registers,
    collect() {
      this.set(state.requestsLimit());
    },
  });
  new Counter({
    name: 'sluice_log_lines_dropped_total',
    help: 'Lines of the log that standard output did not take.',
    registers,
    collect() {
      this.reset();
      this.inc(linesDropped());
    },
  });
  new Gauge({
    name: 'sluice_heap_limit_bytes',
    help: 'What lives long in the heap may grow to before the process is ended.',
    registers,
  }).set(longLivedBytes());
}
