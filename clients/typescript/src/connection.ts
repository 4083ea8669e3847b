import createClient, { type Client } from 'openapi-fetch';
import type { Sent } from './answer.ts';
import type { Calls } from './calls.ts';
import { send } from './send.ts';
import { version } from './version.ts';
import type { CallOptions } from './words.ts';

/** Whom to ask, by which credential, and how patiently. */
export interface SluiceOptions {
  /** `https://sluice.example.com`, with the base path if there is one. */
  readonly url: string;
  /** An API key. */
  readonly key?: string | undefined;
  /** A token instead of a key; a function is asked before each call, so that it can renew it. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** How often a call is sent again that was refused for a time, or never sent. Default 4. */
  readonly retries?: number | undefined;
  /** The longest wait before a call is sent again; a longer `Retry-After` is thrown instead. Default 60 s. */
  readonly longestRetryMs?: number | undefined;
  /** For how long one answer may take: Sluice waits for up to 45 s itself. Default 60 s. */
  readonly answerTimeoutMs?: number | undefined;
  /** Who calls, put before this package's own name in `User-Agent`: `reports/1.4`. */
  readonly userAgent?: string | undefined;
  /** Sends requests in another way. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

const never = new AbortController().signal;

/** By what a call is stopped, and under which key it is sent. */
export function sentBy({ signal, timeoutMs }: CallOptions, idempotencyKey: string | null = null): Sent {
  const signals = [...(signal ? [signal] : []), ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])];
  return { signal: signals.length === 0 ? never : AbortSignal.any(signals), idempotencyKey };
}

/** Sends the calls of the API as the options say. */
export function openClient(options: SluiceOptions): Client<Calls> {
  const { url, key, token, userAgent, retries = 4, longestRetryMs = 60_000, answerTimeoutMs = 60_000 } = options;
  const { fetch = (request: Request) => globalThis.fetch(request) } = options;
  const api = createClient<Calls>({
    baseUrl: url.replace(/\/+$/, ''),
    fetch: (request) => send(request, { retries, longestRetryMs, answerTimeoutMs, fetch }),
  });
  api.use({
    onRequest: async ({ request }) => {
      if (key !== undefined) request.headers.set('X-API-Key', key);
      if (token !== undefined) {
        request.headers.set('Authorization', `Bearer ${typeof token === 'function' ? await token() : token}`);
      }
      // Browsers keep their own.
      request.headers.set('User-Agent', `${userAgent === undefined ? '' : `${userAgent} `}sluice-client/${version}`);
    },
  });
  return api;
}
