import type { Clock } from '../core/model/clock.js';
import { asFailure, Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Circuit, CircuitChange, Ending, Passage } from './circuit.js';
import { Circuits } from './circuits.js';
import type { Exchange, Wrap } from './exchange.js';
import type { Limits } from './limits.js';
import { SilentTargets } from './silent-targets.js';
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
function endingOf(failure: Failure | null, { mutating }: Exchange): Ending {
  if (failure === null) return 'well';
  if (failure instanceof TooLarge && !mutating) return 'well';
  if (isOutage(failure)) return 'outage';
  return failure.sent === 'refused' ? 'answered' : 'nothing-learnt';
}

/** Of a target: how its instance answers, or that it does not. What never came to it says nothing of it. */
function endingOfTarget(failure: Failure | null, exchange: Exchange): Ending {
  const ending = endingOf(failure, exchange);
  return ending === 'outage' && failure?.sent === 'never' ? 'nothing-learnt' : ending;
}

/**
 * Of the service that a target is behind: whether it can be reached. Any answer of an instance shows that it can; its
 * silence may be its own.
 */
function endingOfWay(failure: Failure, exchange: Exchange, passage: Passage, isTelling: () => boolean): Ending {
  const ending = endingOf(failure, exchange);
  if (ending === 'answered') return 'well';
  if (ending !== 'outage') return ending;
  if (!failure.isUnreached) return failure.sent === 'never' ? 'nothing-learnt' : 'well';
  return failure.sent === 'never' || passage === 'probe' || isTelling() ? 'outage' : 'nothing-learnt';
}

/**
 * Stops asking a vendor that failed several times in a row; after a while one call tries whether it is back. What the
 * instance of a target answers, and that it is silent, concerns that target alone; the service is left alone only where
 * it cannot be reached, or where so many targets in a row are silent.
 */
export function breaker(limits: Limits, clock: Clock, tell: CircuitChange): Wrap {
  const circuits = new Circuits(limits, clock, tell);
  const silent = new SilentTargets(limits.failures);
  return (next) => (exchange, call) => {
    const { target } = exchange;
    const { service } = circuits;
    const ask = () => next(exchange, call);
    if (target === null) return through(service, call, ask, (failure) => endingOf(failure, exchange));
    const judgeWay: Judge = (failure, passage) => {
      const ending = failure ? endingOfWay(failure, exchange, passage, () => silent.tells(target)) : 'well';
      if (ending === 'well') silent.clear();
      return ending;
    };
    return circuits.within(target, (own) =>
      through(
        own,
        call,
        () => through(service, call, ask, judgeWay),
        (failure) => endingOfTarget(failure, exchange),
      ),
    );
  };
}

/** What a call tells of a circuit: null where it went well. */
type Judge = (failure: Failure | null, passage: Passage) => Ending;

async function through<T>(circuit: Circuit, call: Call, ask: () => Promise<T>, judge: Judge): Promise<T> {
  const passage = await circuit.enter(call);
  try {
    const answer = await ask();
    circuit.leave(passage, judge(null, passage));
    return answer;
  } catch (thrown) {
    circuit.leave(passage, judge(asFailure(thrown), passage));
    throw thrown;
  }
}
