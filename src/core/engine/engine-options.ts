import type { LeaseTimes } from './leases.js';
import type { WaitOptions } from './waits.js';

/** What an engine may be given besides what it works with. */
export interface EngineOptions extends WaitOptions {
  readonly leases?: LeaseTimes;
  /** Milliseconds that no change of the clock moves. */
  readonly monotonic?: () => number;
  /** How many processes operations see at once; default any number. */
  readonly mostSeen?: number;
}
