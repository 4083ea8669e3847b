import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Failure } from '../../core/failure.js';
import { callerNameOf } from '../auth/ask.js';
import type { TellUnmatched } from '../http/broken.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { isQuiet, routeOf, traceOf } from './request-trace.js';

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

/** Does the same for what passes no hook. Nobody knows when it began, nor may a line hold anything of what cannot be read. */
export function logUnmatched(log: Logger, metrics: Metrics): TellUnmatched {
  return ({ requestId, method, status, code }) => {
    if (code !== null) metrics.refused(code);
    metrics.request(method ?? 'none', 'unmatched', status, 0);
    log.info({ requestId, traceId: null, caller: null, method, route: 'unmatched', status, durationMs: 0 }, 'request');
  };
}

/** A defect is logged with its cause; what a caller or a vendor did wrong is told by the access log. */
export function logDefect(log: Logger, failure: Failure, request: FastifyRequest): void {
  if (failure.kind === 'internal')
    log.error({ requestId: request.id, ...traceOf(request), err: failure }, 'a request failed in an unexpected way');
}
