import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/clock.js';
import type { Operations } from '../../core/operations.js';
import type { Readiness } from '../management/management.js';

/** How long stopping may take, in milliseconds. */
export interface DrainTimes {
  readonly delayMs: number;
  readonly timeoutMs: number;
}

const closeIdleEveryMs = 100;

/** Lets a replica stop without losing a request. */
export class Drain {
  readonly #fastify: FastifyInstance;
  readonly #operations: Operations;
  readonly #readiness: Readiness;
  readonly #clock: Clock;
  #draining = false;
  #inFlight = 0;

  constructor(fastify: FastifyInstance, operations: Operations, readiness: Readiness, clock: Clock) {
    this.#fastify = fastify;
    this.#operations = operations;
    this.#readiness = readiness;
    this.#clock = clock;
    fastify.addHook('onRequest', (_request, reply, done) => {
      this.#inFlight += 1;
      reply.raw.once('close', () => {
        this.#inFlight -= 1;
      });
      done();
    });
    // Clients that keep their connection would go on sending here: each is told to open its next one elsewhere.
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.#draining) void reply.header('connection', 'close');
      done(null, payload);
    });
  }

  /**
   * Says that it is not ready, answers waiters at once and all others for a while; then listens no more, lets what runs
   * end, and records the rest as unknown. Resolves to true if nothing had to be left unknown.
   */
  async run({ delayMs, timeoutMs }: DrainTimes): Promise<boolean> {
    this.#draining = true;
    this.#readiness.ready = false;
    this.#operations.stopWaiting();
    await this.#clock.sleep(delayMs);
    const { server } = this.#fastify;
    server.close();
    const timeUp = new AbortController();
    const running = this.#operations.drain().then(() => true);
    const ended = await Promise.race([running, this.#clock.sleep(timeoutMs, timeUp.signal).then(() => false)]);
    timeUp.abort();
    if (!ended) await this.#operations.abandon();
    const until = this.#clock.now() + timeoutMs;
    while (this.#inFlight > 0 && this.#clock.now() < until) {
      server.closeIdleConnections();
      await this.#clock.sleep(closeIdleEveryMs);
    }
    server.closeAllConnections();
    return ended;
  }
}
