import type { IncomingMessage, ServerResponse } from 'node:http';
import { Failure } from '../../core/model/failure.js';
import { problemOf } from '../../core/model/problem.js';
import { commonHeaders, requestIdOf } from '../http/receive.js';
import { isQuiet, pathIn } from '../http/routes.js';
import { problemBody } from '../http/send-problem.js';
import type { Gate, Step } from '../http/step.js';
import type { TellUnhooked } from '../http/unhooked.js';
import { LoopDelay } from '../limits/loop-delay.js';
import type { Shedding } from '../limits/shedding.js';
import { StartQueue } from '../limits/start-queue.js';

const failure = new Failure('overloaded', 'This replica is answering as many requests as it can.');
const problem = problemOf(failure);

/** Refuses what is too much, and lets the rest begin in turn. Health and metrics always may. */
export class OverloadGate {
  readonly #shedding: Shedding;
  readonly #queue: Pick<StartQueue, 'isLate' | 'enter'>;
  readonly #tell: TellUnhooked;

  constructor(shedding: Shedding, tell: TellUnhooked, queue: Pick<StartQueue, 'isLate' | 'enter'> = new StartQueue()) {
    this.#shedding = shedding;
    this.#queue = queue;
    this.#tell = tell;
  }

  /**
   * Refuses what is too much before anything of it is read or checked, even by Fastify: the less a refusal costs, the
   * more is left for others.
   */
  readonly refuse: Gate = (request, response) => {
    if (!this.#queue.isLate && !this.#shedding.isFull) return false;
    const { url = '' } = request;
    if (isQuiet(pathIn(url))) return false;
    this.#refuse(request, response);
    return true;
  };

  /** Counts who is in, and lets them begin in turn. */
  readonly enter: NonNullable<Step['onRequest']> = ({ facts }, { raw }, done) => {
    if (isQuiet(facts.route)) {
      done();
      return;
    }
    this.#shedding.enter();
    raw.once('close', () => {
      this.#shedding.leave();
    });
    this.#queue.enter({ begin: done, isGone: () => raw.closed });
  };

  /** Measures while the server listens how late the event loop is. */
  readonly measure: NonNullable<Step['prepare']> = (fastify) => {
    const delay = new LoopDelay((milliseconds) => {
      this.#shedding.judge(milliseconds);
    });
    fastify.addHook('onListen', (done) => {
      delay.start();
      done();
    });
    fastify.addHook('onClose', (_instance, done) => {
      delay.stop();
      done();
    });
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
}

/** Refuses what is too much. */
export function gate(overload: OverloadGate): Step {
  return { gate: overload.refuse, prepare: overload.measure };
}

/** Waits for a request's turn to begin. */
export function turn(overload: OverloadGate): Step {
  return { onRequest: overload.enter };
}
