import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Failure } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { openFastify, type Refuse } from '../http/fastify.js';
import { Routes } from '../http/routes.js';
import { sendProblem } from '../http/send-problem.js';
import { tellUnhooked } from '../telemetry/access-log.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Readiness } from './readiness.js';
import { managementStackOf } from './stack.js';

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

/** The server of a port for health and metrics alone. */
export function openManagement(refuse: Refuse, { log, metrics, readiness }: Told): FastifyInstance {
  const routes = new Routes();
  const stack = managementStackOf({ routes, metrics, log });
  const unhooked = tellUnhooked({ log, metrics, routes });
  const fastify = openFastify(stack, refuse, { unhooked }).getInstance<FastifyInstance>();
  fastify.setErrorHandler(refuse);
  // Makes the steps run, the first of which answers.
  fastify.setNotFoundHandler(() => undefined);
  serveManagement(fastify, [''], metrics.registry, readiness);
  return fastify;
}
