import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/model/clock.js';
import type { Operation } from '../../core/model/operation.js';
import type { Engine } from '../../core/engine/engine.js';
import type { Readiness } from './management.js';
import type { Logger } from '../telemetry/log.js';

/** How long stopping may take, in milliseconds. */
export interface DrainTimes {
  readonly delayMs: number;
  readonly timeoutMs: number;
}

const closeIdleEveryMs = 100;
/** A connection that was opened just before the end gets so many rounds to send its request. */
const quietRounds = 5;

/** Lets a replica stop without losing a request. */
export class Drain {
  readonly #fastify: FastifyInstance;
  readonly #operations: Engine;
  readonly #readiness: Readiness;
  readonly #clock: Clock;
  readonly #log: Logger;
  #draining = false;
  #inFlight = 0;

  constructor(fastify: FastifyInstance, operations: Engine, readiness: Readiness, clock: Clock, log: Logger) {
    this.#fastify = fastify;
    this.#operations = operations;
    this.#readiness = readiness;
    this.#clock = clock;
    this.#log = log;
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
    operations.listeners.onEnd((operation) => {
      if (this.#draining) this.#tell(operation);
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
    const closed = new Promise<true>((resolve) => {
      server.close(() => {
        resolve(true);
      });
    });
    const timeUp = new AbortController();
    const late = this.#clock.sleep(timeoutMs, timeUp.signal).then(() => false);
    const clean = await Promise.race([this.#operations.drain().then(() => true), late]);
    if (!clean) await this.#operations.abandon();
    await Promise.race([closed, late, this.#untilQuiet(timeUp.signal)]);
    timeUp.abort();
    server.closeAllConnections();
    return clean;
  }

  async #untilQuiet(over: AbortSignal): Promise<void> {
    for (let quiet = 0; quiet < quietRounds && !over.aborted; quiet = this.#inFlight === 0 ? quiet + 1 : 0) {
      this.#fastify.server.closeIdleConnections();
      await this.#clock.sleep(closeIdleEveryMs, over);
    }
  }

  /** Whoever was answered 202 cannot ask this replica any more: the log tells what came of it. */
  #tell({ id, kind, state, requestId, targets }: Operation): void {
    const line = {
      operation: id,
      kind,
      state,
      requestId,
      targets: targets.map(({ target, state: own, note }) => ({ target, state: own, note })),
    };
    if (state === 'unknown' || targets.some((one) => one.state === 'unknown'))
      this.#log.warn(line, 'an operation was left unknown while stopping');
    else this.#log.info(line, 'an operation ended while stopping');
  }
}
