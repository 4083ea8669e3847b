import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { Failure } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { commonHeaders, requestIdOf, type Gate } from '../http/fastify.js';
import { pathIn } from '../http/methods.js';
import type { TellUnhooked } from '../http/unhooked.js';
import { problemBody } from '../http/send-problem.js';
import { isQuiet, routeOf } from '../telemetry/request-trace.js';
import { LoopDelay } from '../limits/loop-delay.js';
import type { Shedding } from '../limits/shedding.js';
import { StartQueue } from '../limits/start-queue.js';

const failure = new Failure('overloaded', 'This replica is answering as many requests as it can.');
const problem = problemOf(failure);

/** Where requests come in: what is too much is refused, the rest begins in turn. Health and metrics always may. */
export class OverloadGate {
  readonly #shedding: Shedding;
  readonly #starts: Pick<StartQueue, 'isLate' | 'enter'>;
  readonly #tell: TellUnhooked;

  constructor(shedding: Shedding, tell: TellUnhooked, starts: Pick<StartQueue, 'isLate' | 'enter'> = new StartQueue()) {
    this.#shedding = shedding;
    this.#starts = starts;
    this.#tell = tell;
  }

  /**
   * Refuses what is too much before anything of it is read or checked, even by Fastify: the less a refusal costs, the more is
   * left for others.
   */
  readonly gate: Gate = (request, response) => {
    if (!this.#starts.isLate && !this.#shedding.isFull) return false;
    const { url = '' } = request;
    if (isQuiet(pathIn(url))) return false;
    this.#refuse(request, response);
    return true;
  };

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    const { url: address = '', method = '', headers } = request;
    const requestId = requestIdOf(request);
    const body = problemBody({ ...problem, instance: pathIn(address), requestId });
    response
      .writeHead(problem.status, {
        ...commonHeaders({ id: requestId, method }),
        'content-type': 'application/problem+json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'retry-after': String(problem.retryAfterSeconds),
      })
      .end(body);
    const { traceparent } = headers;
    this.#tell({
      ...{ requestId, method, address, status: problem.status, failure },
      ...(typeof traceparent === 'string' ? { traceparent } : {}),
    });
  }

  /** Counts who is in, and lets them begin in turn. */
  guard(fastify: FastifyInstance, registry: Registry): void {
    const [shedding, starts] = [this.#shedding, this.#starts];
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
    fastify.addHook('onRequest', (request, { raw }, done) => {
      if (isQuiet(routeOf(request))) {
        done();
        return;
      }
      shedding.enter();
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
}
