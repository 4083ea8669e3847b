import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import { Slot } from '../../core/model/slot.js';
import type { Call } from '../../core/model/target.js';
import { vendorWords } from '../../transport/vendor-words.js';
import { listBytes, ordinaryBytes, type Answer, type Exchange, type Send } from '../../transport/exchange.js';
import type { Inspect } from '../../transport/judge.js';
import { retryAfterMs } from '../../transport/retry-after.js';
import type { Connection } from '../backend.js';
import { decode, successOf, type RealPassword, type Success } from './tentendata.wire.js';
import { readBeside } from './xml.thread.js';
import { isLong, outOf, upstreamOf } from './xml.wire.js';

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
  /** Is its answer a list? */
  readonly lists?: boolean;
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
  async ask({ target, api, address, body, mutating, lists, secrets }: Transaction, call: Call): Promise<Success> {
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
      maxBytes: lists ? listBytes : ordinaryBytes,
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
export function inspector(clock: Clock): Inspect {
  return async (answer, { secrets = [], maxBytes }, call) => {
    const isLongList = maxBytes > ordinaryBytes && isLong(answer.text);
    const success = isLongList
      ? successOf(outOf(await readBeside(answer.text, call, clock), answer.status), answer.status, secrets)
      : decode(answer, secrets);
    successes.set(answer, success);
  };
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
