import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';
import { asFailure, Failure, type Sent } from '../core/model/failure.js';
import { addressOf } from './address.js';
import type { Exchange } from './exchange.js';
import { isWholeTime, type Patience } from './limits.js';
import { brokenOff, neverSent } from './socket-errors.js';
import { TooLarge } from './too-large.js';

/** One request, in full: axios would merge it with defaults that nobody has, and copy its headers, at every call. */
export interface AdapterOptions {
  readonly request: Pick<Exchange, 'method' | 'url' | 'headers' | 'body'>;
  readonly dispatcher: Dispatcher;
  readonly limits: Patience;
  readonly signal: AbortSignal;
  /** Milliseconds left for the whole exchange. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Throws Failure if the request may not be written any more, however long it waited for a socket. */
  readonly assertMaySend?: () => void;
}

/** What our adapter gives axios as the data of a response: axios itself would copy the headers several times over. */
export interface Whole {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** There was more of it than is read. */
  readonly isCut: boolean;
}

type Controller = Dispatcher.DispatchController;

/**
 * Gives axios an adapter over undici. It settles the question that axios and node:http leave open: undici announces a
 * request just before its first byte is written, so what fails earlier was provably never sent.
 */
export function undiciAdapter(options: AdapterOptions): AxiosAdapter {
  return (config) =>
    new Promise((resolve, reject) => {
      new Attempt(config, options, resolve, reject).start();
    });
}

class Attempt implements Dispatcher.DispatchHandler {
  readonly #config: InternalAxiosRequestConfig;
  readonly #options: AdapterOptions;
  readonly #resolve: (response: AxiosResponse<Whole>) => void;
  readonly #reject: (failure: Failure) => void;
  readonly #chunks: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #controller: Controller | undefined;
  #settled = false;
  #bytes = 0;
  #status = 0;
  #headers: Whole['headers'] = {};

  constructor(
    config: InternalAxiosRequestConfig,
    options: AdapterOptions,
    resolve: (response: AxiosResponse<Whole>) => void,
    reject: (failure: Failure) => void,
  ) {
    this.#config = config;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { request, dispatcher, signal, timeoutMs } = this.#options;
    if (signal.aborted) {
      this.#fail(new Failure('request-timeout', 'The caller went away before anything was sent.'));
      return;
    }
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#timer = setTimeout(this.#timeUp, timeoutMs);
    try {
      const { method, url, headers, body } = request;
      dispatcher.dispatch(
        {
          ...addressOf(url),
          method,
          headers,
          body,
          idempotent: false,
          // undici closes the socket after a DELETE with a body, unless it is told not to.
          reset: false,
        },
        this,
      );
    } catch {
      this.#fail(new Failure('internal', 'The request to the vendor could not be built.'));
    }
  }

  onRequestStart(controller: Controller): void {
    try {
      this.#options.assertMaySend?.();
    } catch (thrown) {
      this.#fail(asFailure(thrown));
    }
    // Settled means too late: aborted here, the request is not written.
    if (this.#settled) controller.abort(new Error('settled before it was sent'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    const told: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      told[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : (value ?? '');
    }
    this.#headers = told;
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#options.maxBytes) this.#chunks.push(chunk);
    else if (this.#status < 300) this.#cut(new TooLarge());
    else {
      // The status of a refusal tells enough.
      this.#end(true);
      this.#controller?.abort(new Error('cut'));
    }
  }

  onResponseEnd(): void {
    this.#end(false);
  }

  #end(isCut: boolean): void {
    if (!this.#settle()) return;
    const status = this.#status;
    const data = { status, headers: this.#headers, body: Buffer.concat(this.#chunks), isCut };
    this.#resolve({ status, statusText: '', headers: {}, config: this.#config, data });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#fail(this.#sent === 'never' ? neverSent(error) : brokenOff(error, this.#hasBegun));
  }

  /** Did an answer begin? */
  get #hasBegun(): boolean {
    return this.#status !== 0;
  }

  get #sent(): Sent {
    return this.#controller === undefined ? 'never' : 'perhaps';
  }

  readonly #abort = (): void => {
    this.#cut(new Failure('request-timeout', 'The caller went away before the vendor answered.', { sent: this.#sent }));
  };

  /** Where this process stood still, the answer may be here and not read yet: what was sent gets that chance. */
  readonly #timeUp = (): void => {
    if (this.#sent === 'never') this.#timeout();
    else setImmediate(this.#timeout);
  };

  readonly #timeout = (): void => {
    const { limits, timeoutMs } = this.#options;
    const sent = this.#sent;
    const what = sent === 'never' ? 'could not be reached' : 'did not answer';
    const hadItsTime = isWholeTime(limits, timeoutMs, sent !== 'never');
    const details = { sent, hadItsTime, isUnreached: !this.#hasBegun };
    this.#cut(new Failure('upstream-timeout', `The vendor ${what} in time.`, details));
  };

  #cut(failure: Failure): void {
    const controller = this.#controller;
    this.#fail(failure);
    controller?.abort(new Error('cut'));
  }

  #fail(failure: Failure): void {
    if (this.#settle()) this.#reject(failure);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#abort);
    return true;
  }
}
