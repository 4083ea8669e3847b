import type { Clock } from '../core/model/clock.js';
import { asFailure } from '../core/model/failure.js';
import type { OutboxMessage } from '../core/record/outbox.js';
import type { Exchange } from '../transport/exchange.js';
import { http, openSockets } from '../transport/http.js';
import { defaultLimits } from '../transport/limits.js';
import { retryAfterMs } from '../transport/retry-after.js';
import { routeOf } from '../transport/route.js';
import { TooLarge } from '../transport/too-large.js';
import { isSafeUrl } from '../validation/safe-url.js';
import type { ReceiverConfig } from './notify.config.js';
import { signatureOf, signingKeysOf } from './signature.js';

/** How long a receiver may take to answer, in milliseconds, connecting included. */
const usualAnswerMs = 10_000;
/** So much of its answer is read; it means nothing. */
const answerBytes = 64 * 1024;

/** What came of sending a message. Why it was not received is one of a closed list, and names no address. */
export type PostResult =
  { readonly is: 'received' } | { readonly is: 'failed'; readonly why: string; readonly retryAfterMs?: number };

/** What sends messages to one receiver, over sockets of its own. */
export interface ReceiverPost {
  /** Never rejects. */
  send(message: OutboxMessage, signal: AbortSignal): Promise<PostResult>;
  close(): Promise<void>;
}

/** Opens the way to a receiver, for so many messages side by side. Nothing is sent yet. */
export function openPost(
  config: ReceiverConfig,
  clock: Clock,
  sideBySide: number,
  answerMs = usualAnswerMs,
): ReceiverPost {
  const limits = { ...defaultLimits, answerMs, lookMs: answerMs, inFlight: sideBySide };
  const { ca, proxy } = config;
  const sockets = openSockets(limits, routeOf({ ...(ca === undefined ? {} : { ca }), ...(proxy ? { proxy } : {}) }));
  const fetch = http(sockets, limits, clock);
  return {
    send: async (message, signal) => {
      // Both may have been read again since the configuration was checked.
      const url = config.url.secret.reveal();
      const keys = signingKeysOf(config.secret.secret.reveal());
      if (!isSafeUrl(url)) return { is: 'failed', why: 'unsafe-url' };
      if (!keys) return { is: 'failed', why: 'no-signing-secret' };
      const exchange = exchangeFor(url, message, keys, Math.floor(clock.now() / 1000));
      const deadline = clock.now() + answerMs;
      try {
        const { status, headers } = await fetch(exchange, { requestId: message.id, signal, deadline });
        if (status >= 200 && status < 300) return { is: 'received' };
        // It is there no more, and says so: asking again is useless.
        if (status === 410) return { is: 'failed', why: 'gone' };
        const why = status >= 300 && status < 400 ? 'redirect' : `status-${String(status)}`;
        return { is: 'failed', why, ...retryAfterMs(headers) };
      } catch (thrown) {
        // It answered 2xx, and then too much.
        if (thrown instanceof TooLarge) return { is: 'received' };
        return { is: 'failed', why: asFailure(thrown).kind === 'upstream-timeout' ? 'timeout' : 'unreachable' };
      }
    },
    close: () => sockets.close(),
  };
}

function exchangeFor(url: string, { id, body }: OutboxMessage, keys: readonly Buffer[], seconds: number): Exchange {
  return {
    target: null,
    backend: 'notify',
    call: 'notify',
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatureOf(keys, id, seconds, body),
    },
    body,
    mutating: true,
    maxBytes: answerBytes,
    read: () => undefined,
  };
}
