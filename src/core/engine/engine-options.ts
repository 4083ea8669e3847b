import type { LeaseTimes } from './leases.js';
import type { MostWaiting } from './waits.js';

/** What an engine may be given besides what it works with. */
export interface EngineOptions {
  readonly leases?: LeaseTimes;
  /** How many may wait for operations at once; default any number. */
  readonly mostWaiting?: () => MostWaiting;
  /** Milliseconds that no change of the clock moves. */
  readonly monotonic?: () => number;
  /** How many processes operations see at once; default any number. */
  readonly mostSeen?: number;
}
