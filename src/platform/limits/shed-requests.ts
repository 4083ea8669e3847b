import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { Failure } from '../../core/failure.js';
import { problemOf } from '../../core/problem.js';
import { problemBody } from '../problem/send-problem.js';
import { isQuiet, routeOf } from '../telemetry/request-trace.js';
import { LoopDelay } from './loop-delay.js';
import type { Shedding } from './shedding.js';
import { Starts } from './starts.js';

const failure = new Failure('overloaded', 'This replica is answering as many requests as it can.');
const problem = problemOf(failure);

/**
 * Refuses what is too much before anything of it is read or checked, and tells of it. Health and metrics are always answered.
 */
export function shedRequests(
  fastify: FastifyInstance,
  shedding: Shedding,
  registry: Registry,
  tell: (failure: Failure, request: FastifyRequest) => void,
  starts: Pick<Starts, 'isLate' | 'enter'> = new Starts(),
): void {
  const delay = new LoopDelay((milliseconds) => {
    shedding.judge(milliseconds);
  });
  fastify.addHook('onListen', (done) => {
    delay.start();
    done();
  });
  fastify.addHook('onClose', (_instance, done) => {
    delay.stop();
    done();
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isQuiet(routeOf(request))) {
      done();
      return;
    }
    if (starts.isLate || !shedding.enter()) {
      tell(failure, request);
      refuse(request, reply);
      return;
    }
    const { raw } = reply;
    raw.once('close', () => {
      shedding.leave();
    });
    starts.enter({ begin: done, isGone: () => raw.closed });
  });
  new Gauge({
    name: 'sluice_requests_limit',
    help: 'Requests that may be answered at once: fewer than configured while the event loop is late.',
    registers: [registry],
    collect() {
      this.set(shedding.limit);
    },
  });
}

/** Sends the problem past Fastify, which would take a third longer: the less a refusal costs, the more is left for others. */
function refuse(request: FastifyRequest, reply: FastifyReply): void {
  const body = problemBody({ ...problem, instance: request.url.split('?')[0] ?? '', requestId: request.id });
  void reply.headers({
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'retry-after': String(problem.retryAfterSeconds),
  });
  reply.hijack();
  const { raw } = reply;
  raw.statusCode = problem.status;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.end(body);
}
