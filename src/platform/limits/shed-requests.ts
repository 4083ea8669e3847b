import type { FastifyInstance } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { Failure } from '../../core/failure.js';
import { isQuiet, routeOf } from '../telemetry/request-trace.js';
import { LoopDelay } from './loop-delay.js';
import type { Shedding } from './shedding.js';

/** Refuses what is too much before anything of it is read or checked. Health and metrics are always answered. */
export function shedRequests(fastify: FastifyInstance, shedding: Shedding, registry: Registry): void {
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
    if (!shedding.enter()) {
      done(new Failure('overloaded', 'This replica is answering as many requests as it can.'));
      return;
    }
    reply.raw.once('close', () => {
      shedding.leave();
    });
    done();
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
