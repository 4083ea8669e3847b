import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Wrap } from './exchange.js';
import { longestPauseMs } from './retry.js';

/** Whatever stands in front of a vendor may say, it is asked again after this. */
const longestQuietMs = 3_600_000;
/** What an operation needs is tried again after this, whatever the vendor said to others. */
const longestUrgentQuietMs = 60_000;

interface Quiet {
  readonly until: number;
  readonly urgentUntil: number;
}

/**
 * Leaves one call of a service alone for as long as the vendor asked for, whichever target it was about: what it
 * refuses counts against its limits, too. A call waits if it has the time, and is told when to come back if not. What
 * an operation needs waits for a minute at most, and is tried then.
 */
export function throttle(clock: Clock): Wrap {
  /** By the names of the vendor's calls. */
  const quiets = new Map<string, Quiet>();
  const leftOf = (name: string, { isUrgent = false }: Call): number => {
    const quiet = quiets.get(name);
    return quiet ? (isUrgent ? quiet.urgentUntil : quiet.until) - clock.now() : 0;
  };
  return (next) => async (exchange, call) => {
    const longestMs = call.isUrgent ? longestUrgentQuietMs : longestPauseMs;
    for (let left = leftOf(exchange.call, call); left > 0; left = leftOf(exchange.call, call)) {
      if (call.signal.aborted) break;
      if (left > longestMs || clock.now() + left >= call.deadline) throw tooEarly(left);
      await clock.sleep(left, call.signal);
    }
    try {
      return await next(exchange, call);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.kind === 'upstream-throttled' && thrown.retryAfterMs !== undefined) {
        const { until = 0, urgentUntil = 0 } = quiets.get(exchange.call) ?? {};
        const end = (longestMs: number): number => clock.now() + Math.min(thrown.retryAfterMs ?? 0, longestMs);
        quiets.set(exchange.call, {
          until: Math.max(until, end(longestQuietMs)),
          urgentUntil: Math.max(urgentUntil, end(longestUrgentQuietMs)),
        });
      }
      throw thrown;
    }
  };
}

function tooEarly(left: number): Failure {
  return new Failure('upstream-throttled', 'The vendor throttles, and asked not to be called for a while.', {
    retryAfterMs: left,
  });
}
