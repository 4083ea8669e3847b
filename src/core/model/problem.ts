import { failureKinds, type Failure, type FailureKind, type FieldError, type UpstreamAnswer } from './failure.js';

/** How each kind of failure is told over HTTP. A new kind does not compile before it is listed here. */
export const problemTypes: Record<FailureKind, { readonly status: number; readonly title: string }> = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'selection-required': { status: 400, title: 'The selection could mean everything' },
  'reason-required': { status: 400, title: 'The call must say why' },
  'ambiguous-process': { status: 400, title: 'The id lives on several nodes' },
  unauthenticated: { status: 401, title: 'Authentication failed' },
  forbidden: { status: 403, title: 'The role held is not enough' },
  'approval-required': { status: 403, title: 'Somebody else must approve this' },
  protected: { status: 403, title: 'The process is protected' },
  'unknown-target': { status: 404, title: 'There is no such target' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-timeout': { status: 408, title: 'The request arrived too slowly' },
  'upstream-conflict': { status: 409, title: 'The vendor is busy with something that excludes this' },
  'request-in-progress': { status: 409, title: 'The same request is being answered' },
  'flush-in-progress': { status: 409, title: 'The target is being flushed' },
  'operation-over': { status: 409, title: 'The operation is over' },
  cancelled: { status: 409, title: 'The operation was cancelled' },
  'read-only': { status: 409, title: 'Nothing may be changed here' },
  'plan-gone': { status: 410, title: 'The plan cannot be used any more' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The address is too long' },
  'unsupported-media-type': { status: 415, title: 'The body is not plain JSON' },
  'unsupported-operation': { status: 422, title: 'The target cannot do that' },
  'unsupported-filter': { status: 422, title: 'The target cannot judge that filter' },
  'too-many-processes': { status: 422, title: 'More processes match than the call allows' },
  'idempotency-key-reused': { status: 422, title: 'The key belongs to another request' },
  'outcome-unknown': { status: 424, title: 'Sent, but the outcome is unknown' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'kill-budget-exhausted': { status: 429, title: 'Too many processes are killed at once' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Sluice failed' },
  'upstream-rejected': { status: 502, title: 'The vendor refused' },
  'upstream-malformed': { status: 502, title: 'The vendor answered what cannot be understood' },
  'upstream-unavailable': { status: 503, title: 'The vendor cannot be reached' },
  'upstream-throttled': { status: 503, title: 'The vendor throttles' },
  overloaded: { status: 503, title: 'Too much at once' },
  draining: { status: 503, title: 'This replica is stopping' },
  'store-unavailable': { status: 503, title: 'What would be done cannot be recorded' },
  'upstream-timeout': { status: 504, title: 'The vendor did not answer in time' },
};

/** Problems after which the same call may be sent again, once `Retry-After` is over: nothing was done. */
const retryableKinds: ReadonlySet<FailureKind> = new Set([
  'rate-limited',
  'kill-budget-exhausted',
  'request-in-progress',
  'flush-in-progress',
  'request-timeout',
  'store-unavailable',
  'upstream-unavailable',
  'upstream-throttled',
  'overloaded',
  'draining',
  'upstream-timeout',
]);

/** Seconds that a caller is told to wait where nothing better is known. */
const defaultRetryAfterSeconds = 5;

/** The members of a problem that do not depend on the request it answers (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: FailureKind;
  /** Nothing was done, and the same call may be sent again after `Retry-After`. */
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly FieldError[];
  readonly upstream?: UpstreamAnswer;
}

/** Tells a failure as data. What may have been sent is never retryable. */
export function problemOf(failure: Failure): Problem {
  const { status, title } = problemTypes[failure.kind];
  const mayHelp = failure.sent !== 'perhaps' && failure.retryAfterMs !== Infinity;
  const retryable = retryableKinds.has(failure.kind) && mayHelp;
  return {
    type: problemAddress(failure.kind),
    title,
    status,
    detail: failure.message,
    code: failure.kind,
    retryable,
    ...(retryable ? { retryAfterSeconds: retryAfterSeconds(failure) } : {}),
    ...(failure.errors.length > 0 ? { errors: failure.errors } : {}),
    ...(failure.upstream ? { upstream: failure.upstream } : {}),
  };
}

/** Where a kind of problem is described. */
export function problemAddress(kind: FailureKind): string {
  return `/problems/${kind}`;
}

function retryAfterSeconds(failure: Failure): number {
  return failure.retryAfterMs === undefined ? defaultRetryAfterSeconds : Math.ceil(failure.retryAfterMs / 1000);
}

/** The kind that most share; ties go to the one that comes first in the list of kinds. Of none, nobody foresaw it. */
export function mostShared(kinds: readonly FailureKind[]): FailureKind {
  if (kinds.length === 0) return 'internal';
  const byCount = failureKinds
    .map((kind) => ({ kind, count: kinds.filter((other) => other === kind).length }))
    .toSorted((left, right) => right.count - left.count);
  return byCount[0]?.kind ?? 'internal';
}
