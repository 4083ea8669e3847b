import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { openFastify, type Refuse } from '../http/fastify.js';
import { Routes } from '../http/routes.js';
import { sendProblem } from '../http/send-problem.js';
import { tellUnhooked } from '../telemetry/access-log.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Scrape } from '../telemetry/scrape.js';
import type { Readiness } from './readiness.js';
import { managementStackOf } from './stack.js';

/** What is served about the program itself. */
export interface Managed {
  readonly scrape: Scrape;
  readonly readiness: Readiness;
  /** Before metrics are told; what it throws refuses the request. They name targets. */
  readonly admit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
}

/** Adds health and metrics below each prefix. Health needs no credentials, and says nothing but how things stand. */
export function serveManagement(
  fastify: FastifyInstance,
  prefixes: readonly string[],
  { scrape, readiness, admit }: Managed,
): void {
  for (const prefix of prefixes) {
    fastify.get(`${prefix}/health/live`, (_request, reply) => reply.send({ status: 'ok' }));
    fastify.get(`${prefix}/health/ready`, (request, reply) => {
      if (readiness.ready && readiness.store.wasWritten) return reply.send({ status: 'ok' });
      const failure = new Failure(
        'draining',
        'This replica is starting or stopping, or has not written to its store yet.',
      );
      sendProblem(reply, { ...problemOf(failure), instance: `${prefix}/health/ready`, requestId: request.id });
      return reply;
    });
    fastify.get(`${prefix}/metrics`, async (request, reply) => {
      await admit?.(request, reply);
      return reply.header('content-type', scrape.contentType).send(await scrape.text());
    });
  }
}

/** What the port for health and metrics tells, and where its requests are told of. */
export interface ManagementParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** The server of a port for health and metrics alone. */
export function openManagement(refuse: Refuse, { log, metrics, readiness }: ManagementParts): FastifyInstance {
  const routes = new Routes();
  const stack = managementStackOf({ routes, metrics, log });
  const unhooked = tellUnhooked({ log, metrics, routes });
  const fastify = openFastify(stack, refuse, { unhooked }).getInstance<FastifyInstance>();
  fastify.setErrorHandler(refuse);
  // Makes the steps run, the first of which answers.
  fastify.setNotFoundHandler(() => undefined);
  serveManagement(fastify, [''], { scrape: metrics.scrape, readiness });
  return fastify;
}
