/** Every way in which Sluice can say no, in the order in which ties between targets are settled. */
export const failureKinds = [
  'invalid-request',
  'selection-required',
  'reason-required',
  'ambiguous-process',
  'unsupported-operation',
  'unsupported-filter',
  'too-many-processes',
  'unauthenticated',
  'outcome-unknown',
  'forbidden',
  'approval-required',
  'protected',
  'rate-limited',
  'kill-budget-exhausted',
  'unknown-target',
  'not-found',
  'internal',
  'method-not-allowed',
  'plan-gone',
  'idempotency-key-reused',
  'request-in-progress',
  'flush-in-progress',
  'operation-over',
  'cancelled',
  'upstream-rejected',
  'upstream-malformed',
  'upstream-conflict',
  'upstream-unavailable',
  'upstream-throttled',
  'overloaded',
  'draining',
  'read-only',
  'store-unavailable',
  'request-timeout',
  'payload-too-large',
  'uri-too-long',
  'unsupported-media-type',
  'headers-too-large',
  'upstream-timeout',
] as const;

/** The code of a problem. */
export type FailureKind = (typeof failureKinds)[number];

/**
 * What a failed exchange proves about the request: it never left, the vendor understood and refused it, or nobody can
 * say. Whatever is not proven is `perhaps`.
 */
export type Sent = 'never' | 'refused' | 'perhaps';

/**
 * One thing that is wrong with a call, and where: a JSON pointer into the body, or the name of a query parameter or a
 * header.
 */
export interface FieldError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly message: string;
}

/** Why something that was chosen is not sent any more. */
export const brakeReasons = ['cancelled', 'readOnly', 'frozen'] as const;
export type BrakeReason = (typeof brakeReasons)[number];

/** What the vendor said, in its own words. Secrets are removed and the message is cut before it gets here. */
export interface UpstreamAnswer {
  readonly target: string | null;
  readonly backend: string | null;
  readonly httpStatus: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
}

/** What is known of a failure besides its kind. */
export interface FailureDetails {
  readonly cause?: unknown;
  readonly upstream?: UpstreamAnswer;
  /** Infinity if the same call would be refused again, however long its caller waits. */
  readonly retryAfterMs?: number;
  /** Default `never`: only the transport and the codecs know more. */
  readonly sent?: Sent;
  readonly errors?: readonly FieldError[];
  /** The id of the operation that stands in the way. */
  readonly blockedBy?: string;
  /** The vendor's call that failed, where that is not the one that was to be made: it was needed before. */
  readonly call?: string;
  /** Of the store: it is unknown whether it wrote what it was asked to. Default false. */
  readonly isUnsure?: boolean;
  /** Somebody stopped it before it was sent. */
  readonly withheld?: BrakeReason;
  /** Of a time-out: the vendor had all the time that it may take, so it is not our hurry that this tells of. */
  readonly hadItsTime?: boolean;
  /** Not a byte of an answer came: the vendor may not be there at all, whichever of its instances was asked for. */
  readonly isUnreached?: boolean;
}

/** The one error of Sluice. Its message is ours, safe to show, and names neither secrets nor the vendor's words. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly upstream: UpstreamAnswer | undefined;
  readonly retryAfterMs: number | undefined;
  readonly sent: Sent;
  readonly errors: readonly FieldError[];
  readonly blockedBy: string | undefined;
  readonly call: string | undefined;
  readonly isUnsure: boolean;
  readonly hadItsTime: boolean;
  readonly isUnreached: boolean;
  readonly withheld: BrakeReason | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.upstream = details.upstream;
    this.retryAfterMs = details.retryAfterMs;
    this.sent = details.sent ?? 'never';
    this.errors = details.errors ?? [];
    this.blockedBy = details.blockedBy;
    this.call = details.call;
    this.isUnsure = details.isUnsure ?? false;
    this.hadItsTime = details.hadItsTime ?? false;
    this.isUnreached = details.isUnreached ?? false;
    this.withheld = details.withheld;
  }
}

/** Turns whatever was thrown into a Failure. An error that nobody expected proves nothing about what was sent. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure('internal', 'Sluice failed in a way it did not expect.', { cause: thrown, sent: 'perhaps' });
}

/** The same failure of a call that changes nothing: whatever became of it, nothing was done. */
export function harmless(failure: Failure): Failure {
  return failure.sent === 'perhaps' ? changed(failure, { sent: 'never' }) : failure;
}

/** The same time-out of a vendor that had its time before, and failed like this. */
export function afterItsTime(failure: Failure, { isUnreached }: Failure): Failure {
  return changed(failure, { hadItsTime: true, isUnreached });
}

/** The same failure, told as one of the vendor's call that was needed first. */
export function failureBefore(call: string, failure: Failure): Failure {
  return changed(failure, { call });
}

/** The same failure, told as one of this target: what is not known of the vendor's answer is null. */
export function failureOf(target: { readonly name: string; readonly backend: string }, thrown: unknown): Failure {
  const failure = asFailure(thrown);
  const silent = { httpStatus: null, code: null, message: null, requestId: null };
  const upstream = { ...(failure.upstream ?? silent), target: target.name, backend: target.backend };
  return changed(failure, { upstream });
}

function changed(failure: Failure, details: FailureDetails): Failure {
  const { kind, message, upstream, retryAfterMs, sent, errors, call, hadItsTime, isUnreached, withheld } = failure;
  return new Failure(kind, message, {
    cause: failure,
    sent,
    errors,
    hadItsTime,
    isUnreached,
    ...(upstream ? { upstream } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(call === undefined ? {} : { call }),
    ...(withheld === undefined ? {} : { withheld }),
    ...details,
  });
}
