import type { components } from './api.ts';

/** The record of a mutating call: who, why, what was asked, and what came of it on every target. */
export type Operation = components['schemas']['Operation'];

/** What Sluice answers where a call was refused or failed (RFC 9457). */
export type Problem = components['schemas']['Problem'];

/** Codes that this package adds to those of Sluice. */
export type OwnCode =
  /** Nothing was sent: no connection could be made. */
  | 'not-sent'
  /** The call was sent, and its answer did not arrive. A mutating call may have been carried out. */
  | 'no-answer'
  /** What answered was not Sluice: a proxy's page, or an answer that was cut off. */
  | 'unexpected-answer'
  /** The time that the caller gave was over. */
  | 'timeout'
  /** The caller's AbortSignal. */
  | 'aborted';

/** What is known of a call that did not succeed. */
export interface SluiceErrorFacts {
  readonly code: Problem['code'] | OwnCode;
  readonly status?: number | undefined;
  readonly requestId?: string | null | undefined;
  /** Seconds after which the same call may be sent again. */
  readonly retryAfter?: number | null | undefined;
  readonly retryable?: boolean | undefined;
  readonly problem?: Problem | null | undefined;
  readonly operation?: Operation | null | undefined;
  readonly operationId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly cause?: unknown;
}

/** The one error that this package throws: a call that was refused, failed, or whose outcome is unknown. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  /** Why, for programs: a code of Sluice's problems, or one of this package. */
  readonly code: Problem['code'] | OwnCode;
  /** The status of the answer; null where there was none. */
  readonly status: number | null;
  /** Under what the call stands in the logs of Sluice. */
  readonly requestId: string | null;
  /** Seconds after which the same call may be sent again; null where Sluice named none. */
  readonly retryAfter: number | null;
  /** Nothing was done, and the same call may be sent again. */
  readonly retryable: boolean;
  /** The problem as Sluice answered it. */
  readonly problem: Problem | null;
  /** The record of what was done, where there is one. */
  readonly operation: Operation | null;
  /** The id of that record. */
  readonly operationId: string | null;
  /** The key that a mutating call was sent under: sent again under it, the call is not carried out twice. */
  readonly idempotencyKey: string | null;

  constructor(message: string, facts: SluiceErrorFacts) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.code = facts.code;
    this.status = facts.status ?? null;
    this.requestId = facts.requestId ?? null;
    this.retryAfter = facts.retryAfter ?? null;
    this.retryable = facts.retryable ?? false;
    this.problem = facts.problem ?? null;
    this.operation = facts.operation ?? null;
    this.operationId = facts.operationId ?? this.operation?.id ?? null;
    this.idempotencyKey = facts.idempotencyKey ?? null;
  }
}

/** The error of an answered problem. */
export function errorOf(problem: Problem, headers: Headers, idempotencyKey: string | null): SluiceError {
  return new SluiceError(problem.detail || problem.title, {
    code: problem.code,
    status: problem.status,
    requestId: problem.requestId,
    retryAfter: retryAfterOf(headers),
    retryable: problem.retryable,
    problem,
    operation: problem.operation ?? null,
    operationId: headers.get('sluice-operation') ?? /[^/]+$/.exec(headers.get('location') ?? '')?.[0] ?? null,
    idempotencyKey,
  });
}

/** Is this what Sluice answers where a call was refused or failed? */
export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body && 'title' in body;
}

/** The seconds of `Retry-After`: Sluice always writes seconds, a proxy may write a date. */
export function retryAfterOf(headers: Headers, now: number = Date.now()): number | null {
  const written = headers.get('retry-after');
  if (written === null) return null;
  if (/^\d{1,9}$/.test(written)) return Number(written);
  const date = Date.parse(written);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
