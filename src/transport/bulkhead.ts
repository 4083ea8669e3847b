import { bulkhead as limitConcurrency, BulkheadRejectedError } from 'cockatiel';
import { Failure } from '../core/failure.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';

/** Bounds how much of one connection's traffic runs and waits, so that a slow vendor cannot hold up everything else. */
export function bulkhead(limits: Limits): Wrap {
  const policy = limitConcurrency(limits.inFlight, limits.queue);
  return (next) => async (exchange, call) => {
    try {
      return await policy.execute(() => next(exchange, call));
    } catch (thrown) {
      if (!(thrown instanceof BulkheadRejectedError)) throw thrown;
      throw new Failure('overloaded', 'Too many calls to this vendor are waiting already.');
    }
  };
}
