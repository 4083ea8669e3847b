import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Failure } from '../../core/model/failure.js';
import { callerNameOf } from '../entry/ask.js';
import type { Routes } from '../http/methods.js';
import type { TellUnhooked } from '../http/unhooked.js';
import type { Audit, RefusedCall } from './audit.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { isQuiet, routeOf, traceOf, traceOfHeader, type Tracer } from './request-trace.js';

/** Measures every request and writes one line about it: the route, never the address, which may hold what was filtered by. */
export function logRequests(fastify: FastifyInstance, log: Logger, metrics: Metrics): void {
  fastify.addHook('onRequest', (_request, reply, done) => {
    // Comes once, also if the caller goes away before the answer.
    reply.raw.once('close', metrics.began());
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request);
    const { statusCode: status, elapsedTime } = reply;
    metrics.request(request.method, route, status, elapsedTime / 1000);
    const line = {
      requestId: request.id,
      ...traceOf(request),
      caller: callerNameOf(request),
      method: request.method,
      route,
      status,
      durationMs: Math.round(elapsedTime * 100) / 100,
    };
    if (isQuiet(route) && status < 400) log.debug(line, 'request');
    else log.info(line, 'request');
    done();
  });
}

/** What is told of answers that pass no hook, and by whom. */
export interface UnhookedTold {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly routes: Routes;
  readonly audit?: Audit;
  readonly tracer?: Tracer | undefined;
}

/** Does the same for what passes no hook. Nobody knows when it began, nor may a line hold anything of what cannot be read. */
export function tellUnhooked({ log, metrics, routes, audit, tracer }: UnhookedTold): TellUnhooked {
  return ({ requestId, method, address, status, failure, traceparent }) => {
    const route = (address === null ? undefined : routes.of(address)?.template) ?? 'unmatched';
    const span = address === null ? undefined : tracer?.request(traceparent);
    const trace = traceOfHeader(traceparent, span);
    if (failure) {
      metrics.refused(failure.kind);
      audit?.refused(failure, { requestId, method, route, caller: null, trace });
    }
    metrics.request(method ?? 'none', route, status, 0);
    log.info({ requestId, ...trace, caller: null, method, route, status, durationMs: 0 }, 'request');
    span?.answered({ method: method ?? 'none', route, status, requestId });
  };
}

/** What the audit tells of a request that was refused. */
export function refusedCallOf(request: FastifyRequest): RefusedCall {
  const { id: requestId, method } = request;
  return { requestId, method, route: routeOf(request), caller: callerNameOf(request), trace: traceOf(request) };
}

/** A defect is logged with its cause; what a caller or a vendor did wrong is told by the access log. */
export function logDefect(log: Logger, failure: Failure, request: FastifyRequest): void {
  if (failure.kind === 'internal')
    log.error({ requestId: request.id, ...traceOf(request), err: failure }, 'a request failed in an unexpected way');
}
