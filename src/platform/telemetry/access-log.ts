import type { FastifyInstance } from 'fastify';
import { callerNameOf } from '../auth/ask.js';
import { templateOfRefused } from '../http/methods.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { traceIdOf } from './trace-context.js';

const quiet = new Set(['/health/live', '/health/ready', '/metrics']);

/** Measures every request and writes one line about it: the route, never the address, which may hold what was filtered by. */
export function logRequests(fastify: FastifyInstance, log: Logger, metrics: Metrics): void {
  fastify.addHook('onRequest', (_request, reply, done) => {
    // Comes once, also if the caller goes away before the answer.
    reply.raw.once('close', metrics.began());
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const template = request.is404 ? templateOfRefused(request) : request.routeOptions.url;
    const route = template ?? 'unmatched';
    const { statusCode: status, elapsedTime } = reply;
    metrics.request(request.method, route, status, elapsedTime / 1000);
    const line = {
      requestId: request.id,
      traceId: traceIdOf(request.headers.traceparent),
      caller: callerNameOf(request),
      method: request.method,
      route,
      status,
      durationMs: Math.round(elapsedTime * 100) / 100,
    };
    if (quiet.has(route) && status < 400) log.debug(line, 'request');
    else log.info(line, 'request');
    done();
  });
}
