import type { Clock } from '../core/model/clock.js';
import { afterItsTime, asFailure, type Failure } from '../core/model/failure.js';
import { isOutage } from './breaker.js';
import type { Exchange, Wrap } from './exchange.js';
import type { RetryBudget } from './retry-budget.js';

const attempts = 3;
const firstPauseMs = 200;
/** Nobody waits longer than this inside one call: the caller is told when to come back instead. */
export const longestPauseMs = 30_000;

/**
 * Repeats what is safe to repeat, while the call's time lasts. A call that ends or changes something follows only an
 * answered 429; a read follows whatever may pass: no answer, a broken one, 5xx, 429, within the budget of its
 * connection.
 */
export function retry(clock: Clock, budget: RetryBudget, random: () => number = Math.random): Wrap {
  return (next) => async (exchange, call) => {
    budget.called();
    let outage: Failure | null = null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await next(exchange, call);
      } catch (thrown) {
        const failure: Failure = outage ? alsoOutage(asFailure(thrown), outage) : asFailure(thrown);
        outage = isOutage(failure) ? failure : null;
        const pause = pauseAfter(failure, exchange, attempt, random);
        if (pause === null || call.signal.aborted || clock.now() + pause >= call.deadline) throw failure;
        if (!exchange.mutating && !budget.take()) throw failure;
        await clock.sleep(pause, call.signal);
      }
    }
  };
}

/** A vendor that failed is not excused by the little time that was left for the last try. */
function alsoOutage(failure: Failure, before: Failure): Failure {
  return failure.kind === 'upstream-timeout' && !failure.hadItsTime ? afterItsTime(failure, before) : failure;
}

function pauseAfter(failure: Failure, exchange: Exchange, attempt: number, random: () => number): number | null {
  if (attempt >= attempts || !mayRepeat(failure, exchange)) return null;
  const backoff = firstPauseMs * 2 ** (attempt - 1) * (0.5 + random());
  const pause = failure.retryAfterMs ?? backoff;
  return pause > longestPauseMs ? null : pause;
}

function mayRepeat(failure: Failure, exchange: Exchange): boolean {
  if (failure.kind === 'upstream-throttled') return failure.upstream?.httpStatus === 429;
  if (exchange.mutating) return false;
  return failure.kind === 'upstream-unavailable' || failure.kind === 'upstream-timeout';
}
