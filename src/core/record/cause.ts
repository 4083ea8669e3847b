import { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import { mostShared, problemOf } from '../model/problem.js';

/** Why nothing was done by an operation, or nothing is known of it: what most of its targets tell. */
export function causeOf({ state, targets }: Pick<Operation, 'state' | 'targets'>): Failure {
  const problems = targets.map((target) => target.problem).filter((problem) => problem !== null);
  const kind = state === 'unknown' ? 'outcome-unknown' : mostShared(problems.map((problem) => problem.code));
  const shared = problems.filter((problem) => problem.code === kind);
  const [problem] = shared;
  const where =
    targets.length === 1 || !problem ? '' : ` (${String(shared.length)} of ${String(targets.length)} targets)`;
  // A vendor that leaves some of what it was asked out of its answer is no problem of any one call.
  const silent = state === 'unknown' ? 'It was sent, and what came of it is not known.' : 'Nothing was done.';
  return new Failure(kind, `${problem?.detail ?? silent}${where}`, {
    sent: state === 'unknown' ? 'perhaps' : 'refused',
    ...(problem?.upstream ? { upstream: problem.upstream } : {}),
    ...(problem?.retryAfterSeconds === undefined ? {} : { retryAfterMs: problem.retryAfterSeconds * 1000 }),
  });
}

/** Was nothing done, and is its caller told that the same call may be sent again? */
export function mayComeAgain(operation: Pick<Operation, 'state' | 'targets'>): boolean {
  return operation.state === 'failed' && problemOf(causeOf(operation)).retryable;
}
