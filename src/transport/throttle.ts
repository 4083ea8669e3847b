import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Wrap } from './exchange.js';
import { longestPauseMs } from './retry.js';

/** Whatever stands in front of a vendor may say, it is asked again after this. */
const longestQuietMs = 3_600_000;

/**
 * Leaves a service alone for as long as it asked to be, whichever call that was an answer to: what it refuses counts against
 * its limits, too. A call waits if it has the time, and is told when to come back if not.
 */
export function throttle(clock: Clock): Wrap {
  let quietUntil = 0;
  return (next) => async (exchange, call) => {
    for (let left = quietUntil - clock.now(); left > 0; left = quietUntil - clock.now()) {
      if (call.signal.aborted) break;
      if (left > longestPauseMs || clock.now() + left >= call.deadline) throw quiet(left);
      await clock.sleep(left, call.signal);
    }
    try {
      return await next(exchange, call);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.kind === 'upstream-throttled' && thrown.retryAfterMs !== undefined) {
        quietUntil = Math.max(quietUntil, clock.now() + Math.min(thrown.retryAfterMs, longestQuietMs));
      }
      throw thrown;
    }
  };
}

function quiet(left: number): Failure {
  return new Failure('upstream-throttled', 'The vendor throttles, and asked not to be called for a while.', {
    retryAfterMs: left,
  });
}
