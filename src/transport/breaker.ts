import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { Failure } from '../core/failure.js';
import type { Wrap } from './exchange.js';
import type { Limits } from './limits.js';

export const circuitStates = ['closed', 'open', 'half-open'] as const;

/** Tells a change of the circuit of one connection's service. */
export type CircuitChange = (state: (typeof circuitStates)[number]) => void;

/** Failures that say something about the vendor's health; refusals, throttling and our own shedding do not. */
function isOutage(error: Error): boolean {
  return (
    error instanceof Failure &&
    error.sent !== 'refused' &&
    (error.kind === 'upstream-unavailable' || error.kind === 'upstream-timeout' || error.kind === 'upstream-malformed')
  );
}

/** Stops asking a vendor that failed several times in a row; after a while one call tries whether it is back. */
export function breaker(limits: Limits, tell: CircuitChange): Wrap {
  const policy = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: limits.openMs,
    breaker: new ConsecutiveBreaker(limits.failures),
  });
  policy.onStateChange((state) => {
    if (state === CircuitState.Closed) tell('closed');
    if (state === CircuitState.Open) tell('open');
    if (state === CircuitState.HalfOpen) tell('half-open');
  });
  return (next) => async (exchange, call) => {
    try {
      return await policy.execute(() => next(exchange, call));
    } catch (thrown) {
      if (!(thrown instanceof BrokenCircuitError)) throw thrown;
      throw new Failure(
        'upstream-unavailable',
        'The vendor failed several times in a row and is left alone for a moment.',
        {
          retryAfterMs: limits.openMs,
        },
      );
    }
  };
}
