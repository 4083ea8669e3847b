import type { Server } from 'node:http';
import type { Clock } from '../../core/model/clock.js';
import type { Operation } from '../../core/model/operation.js';
import type { Engine } from '../../core/engine/engine.js';
import type { Logger } from '../telemetry/log.js';
import type { Readiness } from './readiness.js';

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
  readonly #operations: Engine;
  readonly #readiness: Readiness;
  readonly #clock: Clock;
  readonly #log: Logger;
  #isDraining = false;
  #inFlight = 0;

  constructor(operations: Engine, readiness: Readiness, clock: Clock, log: Logger) {
    this.#operations = operations;
    this.#readiness = readiness;
    this.#clock = clock;
    this.#log = log;
    operations.listeners.onEnd((operation) => {
      if (this.#isDraining) this.#tell(operation);
    });
  }

  /** Has it been told to stop? */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Waits for one request more, until what is returned is called. */
  began(): () => void {
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
    };
  }

  /**
   * Says that it is not ready, answers waiters at once and all others for a while; then listens no more, lets what runs
   * end, and records the rest as unknown. Resolves to true if nothing had to be left unknown.
   */
  async run(server: Server, { delayMs, timeoutMs }: DrainTimes): Promise<boolean> {
    this.#isDraining = true;
    this.#readiness.ready = false;
    this.#operations.stopWaiting();
    await this.#clock.sleep(delayMs);
    const closed = new Promise<true>((resolve) => {
      server.close(() => {
        resolve(true);
      });
    });
    const timeUp = new AbortController();
    const late = this.#clock.sleep(timeoutMs, timeUp.signal).then(() => false);
    const clean = await Promise.race([this.#operations.drain().then(() => true), late]);
    if (!clean) await this.#operations.abandon();
    await Promise.race([closed, late, this.#untilQuiet(server, timeUp.signal)]);
    timeUp.abort();
    server.closeAllConnections();
    return clean;
  }

  async #untilQuiet(server: Server, over: AbortSignal): Promise<void> {
    for (let quiet = 0; quiet < quietRounds && !over.aborted; quiet = this.#inFlight === 0 ? quiet + 1 : 0) {
      server.closeIdleConnections();
      await this.#clock.sleep(closeIdleEveryMs, over);
    }
  }

  /** Callers that were answered 202 cannot ask this replica any more: the log tells what came of it. */
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
