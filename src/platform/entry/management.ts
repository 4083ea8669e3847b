import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Failure } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { openFastify, type Refuse } from '../http/fastify.js';
import { refuseUnrouted, Routes } from '../http/methods.js';
import { sendProblem } from '../http/send-problem.js';
import { logRequests, tellUnhooked } from '../telemetry/access-log.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';

/** What a replica can take. */
export interface Readiness {
  /** False while it starts and while it stops. No vendor's health has a part in it. */
  ready: boolean;
}

/** Adds health and metrics below each prefix. They need no credentials, and their bodies say nothing but how things stand. */
export function serveManagement(
  fastify: FastifyInstance,
  prefixes: readonly string[],
  registry: Registry,
  readiness: Readiness,
): void {
  for (const prefix of prefixes) {
    fastify.get(`${prefix}/health/live`, (_request, reply) => reply.send({ status: 'ok' }));
    fastify.get(`${prefix}/health/ready`, (request, reply) => {
      if (readiness.ready) return reply.send({ status: 'ok' });
      const failure = new Failure('draining', 'This replica is starting or stopping.');
      sendProblem(reply, { ...problemOf(failure), instance: `${prefix}/health/ready`, requestId: request.id });
      return reply;
    });
    fastify.get(`${prefix}/metrics`, async (_request, reply) => {
      const text = await registry.metrics();
      return reply.header('content-type', registry.contentType).send(text);
    });
  }
}

/** What the port for health and metrics tells, and where its requests are told of. */
export interface Told {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** The server of a port for health and metrics alone. It meets its callers as the one of the API does, whoever they are. */
export function openManagement(refuse: Refuse, { log, metrics, readiness }: Told): FastifyInstance {
  const routes = new Routes();
  const fastify = openFastify(refuse, {
    unhooked: tellUnhooked({ log, metrics, routes }),
  }).getInstance<FastifyInstance>();
  refuseUnrouted(fastify, routes);
  logRequests(fastify, log, metrics);
  fastify.setErrorHandler(refuse);
  // Makes the hooks run, the first of which answers.
  fastify.setNotFoundHandler(() => undefined);
  serveManagement(fastify, [''], metrics.registry, readiness);
  return fastify;
}
