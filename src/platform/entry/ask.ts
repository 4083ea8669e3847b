import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Span } from '../../core/model/span.js';
import type { Waiting } from '../../core/model/waiting.js';
import type { Admitted } from '../http/request-facts.js';
import { preferenceOf, type Preference } from './preference.js';

/**
 * One request, as the resources need it: who asks, against which snapshot of the configuration, and how long to wait.
 */
export interface Ask extends Admitted, Preference {
  readonly requestId: string;
  /** The caller's own id of the request; null if it sent none that can be used. */
  readonly givenRequestId: string | null;
  /** As it was sent; null if it was not. */
  readonly idempotencyKey: string | null;
  /** When the request arrived, in milliseconds since the epoch. */
  readonly arrivedAt: number;
  /** The request itself, where somebody follows that. */
  readonly span?: Span;
  /** Counts the time that it waits for vendors. */
  readonly waiting: Waiting;
  /** A signal that aborts when the caller hangs up: made for those who listen. */
  readonly gone: () => AbortSignal;
  /** Tells which targets the request is about without naming them. */
  about(targets: readonly string[]): void;
  /** Sets the status of the answer. */
  status(code: number): void;
  header(name: string, value: string): void;
}

/** The request that a handler answers. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): Ask => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  const reply = http.getResponse<FastifyReply>();
  const { facts } = request;
  const { span, waiting } = facts;
  return {
    ...facts.admitted,
    requestId: request.id,
    givenRequestId: request.headers['x-request-id'] === request.id ? request.id : null,
    idempotencyKey:
      request.headers['idempotency-key'] === undefined ? null : [request.headers['idempotency-key']].flat().join(', '),
    ...preferenceOf(request.headers.prefer),
    arrivedAt: Date.now(),
    ...(span ? { span } : {}),
    waiting,
    gone: () => goneSignal(reply),
    about: (targets) => {
      facts.about = targets;
    },
    status: (code) => {
      facts.status = code;
    },
    header: (name, value) => void reply.header(name, value),
  };
});

function goneSignal(reply: FastifyReply): AbortSignal {
  if (reply.raw.closed && !reply.raw.writableFinished) return AbortSignal.abort();
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
