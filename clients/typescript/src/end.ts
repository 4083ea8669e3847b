import { SluiceError, type Operation, type Problem } from './error.ts';

/** Does the operation go on by itself, or wait for somebody? */
export function isOpen({ state }: Operation): boolean {
  return state === 'running' || (state as string) === 'awaitingApproval';
}

/** Throws where nothing was done, or nobody can say: at the end of a wait as at once. */
export function holdToSuccess(operation: Operation, idempotencyKey: string | null): Operation {
  if (operation.state !== 'failed' && operation.state !== 'unknown') return operation;
  const problem = operation.state === 'unknown' ? null : causeOf(operation);
  const code: Problem['code'] = problem?.code ?? (operation.state === 'unknown' ? 'outcome-unknown' : 'internal');
  const detail = problem?.detail ?? 'The call was sent, and its outcome is unknown. Look before you send it again.';
  throw new SluiceError(detail, {
    code,
    requestId: operation.requestId,
    retryable: problem?.retryable,
    operation,
    idempotencyKey,
  });
}

type TargetProblem = NonNullable<Operation['targets'][number]['problem']>;

/** The cause that most targets share; of several the first. */
function causeOf({ targets }: Operation): TargetProblem | null {
  const problems = targets.flatMap(({ problem }) => problem ?? []);
  const count = (code: string) => problems.filter((one) => one.code === code).length;
  return problems.reduce<TargetProblem | null>(
    (most, one) => (most === null || count(one.code) > count(most.code) ? one : most),
    null,
  );
}
