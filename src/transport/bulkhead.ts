import type { Clock } from '../core/model/clock.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { Turns } from './turns.js';

/** How many calls of one service run and wait now, and how many may run. */
export interface CallLoad {
  readonly now: () => { readonly inFlight: number; readonly queued: number };
  readonly limit: number;
}

/**
 * Bounds how much of one service's traffic runs and waits, so that a slow vendor cannot hold up everything else. Nobody
 * waits for a turn beyond the end of the call.
 */
export function bulkhead(limits: Limits, clock: Clock, tell: (load: CallLoad) => void): Wrap {
  const turns = new Turns(limits);
  tell({ now: () => turns, limit: limits.inFlight });
  return (next) => async (exchange, call) => {
    const wait = turns.take(call, clock);
    if (wait) await wait;
    try {
      return await next(exchange, call);
    } finally {
      turns.pass();
    }
  };
}
