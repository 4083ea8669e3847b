import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';
import { vendorWords } from '../../transport/vendor-words.js';
import {
  listBytes,
  ordinaryBytes,
  wholeText,
  type Answer,
  type Exchange,
  type Send,
} from '../../transport/exchange.js';
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

/**
 * One transaction, and the reader of its answer: its address and body may hold secrets, which are kept out of what is
 * quoted from the answer.
 */
export interface Transaction<T> {
  readonly target: string;
  readonly api: string;
  readonly address: string;
  readonly body: string | null;
  readonly mutating: boolean;
  /** Is its answer a list? */
  readonly lists?: boolean;
  readonly secrets: readonly string[];
  readonly read: (success: Success) => T;
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
  async ask<T>(transaction: Transaction<T>, call: Call): Promise<T> {
    const { target, api, address, body, mutating, lists = false, secrets, read } = transaction;
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
      read: async (answer: Answer, within: Call) => read(await this.#success(answer, lists, withheld, within)),
    } as const;
    try {
      return await this.#send(exchange, call);
    } catch (thrown) {
      // The password may have been changed meanwhile: the next call has the new one.
      if (isRefusedPassword(thrown)) await this.access.rereadPassword?.();
      throw thrown;
    }
  }

  /** A long list is read beside everything else. What is not text in a list costs only what it stands in. */
  async #success(answer: Answer, lists: boolean, secrets: readonly string[], call: Call): Promise<Success> {
    const { status, text } = answer;
    if (!lists) return decode({ status, text: wholeText(answer) }, secrets);
    if (!isLong(text)) return decode(answer, secrets);
    return successOf(outOf(await readBeside(text, call, this.clock), status), status, secrets);
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
