import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import type { Operation } from '../../core/model/operation.js';
import { pathIn } from './routes.js';
import { sendProblem } from './send-problem.js';

/** A failure that is told together with the record of the operation that it ended. */
export class OperationFailure extends Failure {
  constructor(
    failure: Failure,
    readonly operation: Operation,
  ) {
    const { kind, message, upstream, retryAfterMs, sent, errors } = failure;
    super(kind, message, {
      cause: failure,
      sent,
      errors,
      ...(upstream ? { upstream } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** What Fastify and Nest throw by themselves, in our words. */
const knownErrors: Readonly<Record<string, readonly [FailureKind, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large', 'The body is larger than 256 KiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'The body must be application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid-request', 'Content-Length does not match the body.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid-request', 'The body is empty.'],
  FST_ERR_BAD_URL: ['invalid-request', 'The address is not percent-encoded UTF-8.'],
  FST_ERR_NOT_FOUND: ['not-found', 'There is nothing at this address.'],
  ECONNRESET: ['request-timeout', 'The request broke off.'],
};

/** Turns whatever was thrown into a Failure of ours. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  // Nest wraps what Fastify throws.
  const original: unknown = thrown instanceof HttpException ? thrown.cause : thrown;
  const code = memberOf(original, 'code');
  const known = typeof code === 'string' && Object.hasOwn(knownErrors, code) ? knownErrors[code] : undefined;
  if (known) return new Failure(known[0], known[1], { cause: thrown });
  const blamed = statusOf(thrown);
  if (blamed === 404 || blamed === 403) {
    return new Failure('not-found', 'There is nothing at this address.', { cause: thrown });
  }
  if (blamed >= 400 && blamed < 500) {
    return new Failure('invalid-request', 'The request cannot be understood.', { cause: thrown });
  }
  return new Failure('internal', 'Sluice failed in a way it did not expect. The request id finds it in the logs.', {
    cause: thrown,
  });
}

/** The status by which Nest, Fastify or one of its plugins would answer: what it blames on the caller is no defect. */
function statusOf(thrown: unknown): number {
  return thrown instanceof HttpException ? thrown.getStatus() : Number(memberOf(thrown, 'statusCode'));
}

function memberOf(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null
    ? (thrown as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The one place where failures become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly onFailure: (failure: Failure, request: FastifyRequest) => void,
    private readonly basePath: string,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest(), http.getResponse());
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const failure = failureFrom(thrown);
    request.facts.code = failure.kind;
    this.onFailure(failure, request);
    // What stands in the way can be followed.
    if (failure.blockedBy !== undefined && !reply.sent)
      void reply.header('location', `${this.basePath}/operations/${failure.blockedBy}`);
    const operation = failure instanceof OperationFailure ? { operation: failure.operation } : {};
    sendProblem(reply, {
      ...problemOf(failure),
      instance: pathIn(request.url),
      requestId: request.id,
      ...operation,
    });
  }
}
