import type { Clock } from '../core/model/clock.js';
import { asFailure, Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Circuit, CircuitChange, Ending } from './circuit.js';
import { Circuits } from './circuits.js';
import type { Exchange, Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { TooLarge } from './too-large.js';

/**
 * Failures that say something about the vendor's health; refusals, throttling, our own shedding and our own hurry do
 * not.
 */
export function isOutage(error: Error): boolean {
  return (
    error instanceof Failure &&
    error.sent !== 'refused' &&
    (error.kind === 'upstream-unavailable' ||
      error.kind === 'upstream-malformed' ||
      (error.kind === 'upstream-timeout' && error.hadItsTime))
  );
}

/**
 * What a read does not take in is an answer of a vendor that is well. Of what was to change something, nothing is known
 * then.
 */
function endingOf(failure: Failure, { mutating }: Exchange): Ending {
  if (failure instanceof TooLarge && !mutating) return 'well';
  if (isOutage(failure)) return 'outage';
  return failure.sent === 'refused' ? 'answered' : 'nothing-learnt';
}

/** Of a target: how its instance answers. What never came to it, and what got no answer at all, says nothing of it. */
function endingOfTarget(failure: Failure, exchange: Exchange): Ending {
  const ending = endingOf(failure, exchange);
  return ending === 'outage' && (failure.isUnreached || failure.sent === 'never') ? 'nothing-learnt' : ending;
}

/** Of the service that a target is behind: whether it can be reached. An instance that fails shows that it can. */
function endingOfWay(failure: Failure, exchange: Exchange): Ending {
  const ending = endingOf(failure, exchange);
  if (ending !== 'outage' || failure.isUnreached) return ending;
  return failure.sent === 'never' ? 'nothing-learnt' : 'well';
}

/**
 * Stops asking a vendor that failed several times in a row; after a while one call tries whether it is back. What the
 * instance of a target answers concerns that target alone; the service is left alone only where it cannot be reached.
 */
export function breaker(limits: Limits, clock: Clock, tell: CircuitChange): Wrap {
  const circuits = new Circuits(limits, clock, tell);
  return (next) => (exchange, call) => {
    const { target } = exchange;
    const ask = () => next(exchange, call);
    const { service } = circuits;
    if (target === null) return through(service, call, ask, (failure) => endingOf(failure, exchange));
    return circuits.within(target, (own) =>
      through(
        own,
        call,
        () => through(service, call, ask, (failure) => endingOfWay(failure, exchange)),
        (failure) => endingOfTarget(failure, exchange),
      ),
    );
  };
}

async function through<T>(
  circuit: Circuit,
  call: Call,
  ask: () => Promise<T>,
  judge: (failure: Failure) => Ending,
): Promise<T> {
  const passage = await circuit.enter(call);
  try {
    const answer = await ask();
    circuit.leave(passage, 'well');
    return answer;
  } catch (thrown) {
    circuit.leave(passage, judge(asFailure(thrown)));
    throw thrown;
  }
}
