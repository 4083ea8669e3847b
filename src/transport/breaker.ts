import type { Clock } from '../core/model/clock.js';
import { asFailure, Failure } from '../core/model/failure.js';
import { Circuit, type CircuitChange, type Ending } from './circuit.js';
import type { Exchange, Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { TooLarge } from './too-large.js';

/** Failures that say something about the vendor's health; refusals, throttling, our own shedding and our own hurry do not. */
export function isOutage(error: Error): boolean {
  return (
    error instanceof Failure &&
    error.sent !== 'refused' &&
    (error.kind === 'upstream-unavailable' ||
      error.kind === 'upstream-malformed' ||
      (error.kind === 'upstream-timeout' && error.hadItsTime))
  );
}

/** What a read does not take in is an answer of a vendor that is well. Of what was to change something, nothing is known then. */
function endingOf(failure: Failure, { mutating }: Exchange): Ending {
  if (failure instanceof TooLarge && !mutating) return 'well';
  if (isOutage(failure)) return 'outage';
  return failure.sent === 'refused' ? 'answered' : 'nothing-learnt';
}

/** Stops asking a vendor that failed several times in a row; after a while one call tries whether it is back. */
export function breaker(limits: Limits, clock: Clock, tell: CircuitChange): Wrap {
  const circuit = new Circuit(limits, clock, tell);
  return (next) => async (exchange, call) => {
    const passage = await circuit.enter(call);
    try {
      const answer = await next(exchange, call);
      circuit.leave(passage, 'well');
      return answer;
    } catch (thrown) {
      circuit.leave(passage, endingOf(asFailure(thrown), exchange));
      throw thrown;
    }
  };
}
