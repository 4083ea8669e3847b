import type { Clock } from '../core/model/clock.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { Turns } from './turns.js';

/**
 * Bounds how much of one service's traffic runs and waits, so that a slow vendor cannot hold up everything else. Nobody
 * waits for a turn beyond the end of the call.
 */
export function bulkhead(limits: Limits, clock: Clock): Wrap {
  const turns = new Turns(limits);
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
