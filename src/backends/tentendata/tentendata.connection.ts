import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.js';
import { Failure } from '../../core/failure.js';
import { Slot } from '../../core/slot.js';
import type { Call } from '../../core/target.js';
import { vendorWords } from '../../core/vendor-words.js';
import { ordinaryBytes, type Answer, type Exchange, type Send } from '../../transport/exchange.js';
import { retryAfterMs } from '../../transport/retry-after.js';
import type { Connection } from '../backend.js';
import { decode, type RealPassword, type Success } from './tentendata.wire.js';
import { upstreamOf } from './xml.wire.js';

/** Who calls the gateway, and where it is. */
export interface Access {
  readonly url: string;
  readonly uid: string;
  readonly password: () => RealPassword;
  /** Reads the password again, after it was refused. */
  readonly rereadPassword?: () => Promise<unknown>;
  readonly lookMs: number;
}

/** One transaction: its address and body may hold secrets, which are kept out of what is quoted from the answer. */
export interface Transaction {
  readonly target: string;
  readonly api: string;
  readonly address: string;
  readonly body: string | null;
  readonly mutating: boolean;
  readonly secrets: readonly string[];
}

/** What the targets of one 1010data connection share. */
export class TentendataConnection implements Connection {
  readonly access: Access;
  readonly clock: Clock;
  readonly #send: Send;
  readonly #sockets: Dispatcher;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(access: Access, send: Send, sockets: Dispatcher, clock: Clock) {
    this.access = access;
    this.clock = clock;
    this.#send = send;
    this.#sockets = sockets;
  }

  /** Makes one transaction. Throws Failure unless its return code is 0. */
  async ask({ target, api, address, body, mutating, secrets }: Transaction, call: Call): Promise<Success> {
    const headers = { 'content-type': 'text/xml', accept: 'text/xml' };
    const withheld = [this.access.password().value, ...secrets];
    const exchange = {
      target,
      backend: '1010data',
      call: api,
      method: 'POST',
      url: address,
      headers,
      body,
      mutating,
      maxBytes: ordinaryBytes,
      secrets: withheld,
    } as const;
    try {
      const answer = await this.#send(exchange, call);
      return successes.get(answer) ?? decode(answer, withheld);
    } catch (thrown) {
      // The password may have been changed meanwhile: the next call has the new one.
      if (isRefusedPassword(thrown)) await this.access.rereadPassword?.();
      throw thrown;
    }
  }

  /** A uid has one session, and that serves one request at a time: what uses it waits for its turn. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  close(): Promise<void> {
    return this.#sockets.destroy();
  }
}

/** 1010data's words for a wrong password; what stands in front of it says 401. */
function isRefusedPassword(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.upstream?.code === '4' || thrown.upstream?.httpStatus === 401);
}

/** What was read of answers already: reading takes time. */
const successes = new Slot<Success>();

/** 1010data puts its refusals into answers of 200: circuits, health and metrics see them by this. */
export function inspect(answer: Answer, { secrets = [] }: Exchange): void {
  successes.set(answer, decode(answer, secrets));
}

/** 1010data answers 200 to everything it understands: another status comes from something in front of it. */
export function readRefusal({ status, headers, text }: Answer, { secrets = [] }: Exchange): Failure {
  const kind = status === 429 ? 'upstream-throttled' : 'upstream-rejected';
  const message = /^\s*</.test(text) ? null : vendorWords(text, secrets) || null;
  return new Failure(kind, `The way to 1010data refused the call with HTTP ${String(status)}.`, {
    sent: 'refused',
    upstream: upstreamOf(status, null, message),
    ...retryAfterMs(headers),
  });
}
