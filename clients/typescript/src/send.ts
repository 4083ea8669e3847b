import { isProblem, retryAfterOf, SluiceError } from './error.ts';

/** How calls are sent, and how often. */
export interface SendOptions {
  /** How often a call is sent again, at most. */
  readonly retries: number;
  /** The longest wait before a call is sent again: a longer `Retry-After` is thrown instead. */
  readonly longestRetryMs: number;
  /** For how long one answer may take. */
  readonly answerTimeoutMs: number;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** No byte was sent: errors of Node while it looks a name up and connects. */
const notSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends a request until it is answered. It is sent again where Sluice says `retryable`, and where no byte of it was
 * sent; what only reads, after any lost answer too. The body and all headers stay as they are, the Idempotency-Key
 * included.
 */
export async function send(request: Request, options: SendOptions): Promise<Response> {
  for (let sent = 0; ; sent += 1) {
    const mayRepeat = sent < options.retries;
    const outcome = await sendOnce(request.clone(), options);
    if (outcome instanceof Response) {
      const delay = mayRepeat ? await delayOf(outcome, request, sent) : null;
      if (delay === null || delay > options.longestRetryMs) return outcome;
      await outcome.body?.cancel();
      await pause(delay, request.signal);
    } else {
      const isSafe = outcome.code === 'not-sent' || (outcome.code === 'no-answer' && request.method === 'GET');
      if (!isSafe || !mayRepeat) throw outcome;
      await pause(backOffMs(sent), request.signal);
    }
  }
}

async function sendOnce(request: Request, { fetch, answerTimeoutMs }: SendOptions): Promise<Response | SluiceError> {
  // A stream has its own end: who reads it sees whether it still speaks.
  const isStream = request.headers.get('accept')?.startsWith('text/event-stream') === true;
  const signal = isStream ? request.signal : AbortSignal.any([request.signal, AbortSignal.timeout(answerTimeoutMs)]);
  try {
    return await fetch(new Request(request, { signal }));
  } catch (thrown) {
    if (request.signal.aborted) throw stopped(request.signal, thrown);
    return lost(thrown, idempotencyKeyOf(request));
  }
}

/** The error of a call that has no whole answer. */
export function lost(thrown: unknown, idempotencyKey: string | null): SluiceError {
  if (wasNotSent(thrown)) {
    const words = `Sluice cannot be reached${reasonOf(thrown)}. Nothing was sent.`;
    return new SluiceError(words, { code: 'not-sent', cause: thrown });
  }
  return new SluiceError('The call was sent, and no whole answer came. Look before you send it again.', {
    code: 'no-answer',
    idempotencyKey,
    cause: thrown,
  });
}

/** The error of a call that its caller stopped, or gave no more time. */
export function stopped(signal: AbortSignal, cause: unknown): SluiceError {
  const isTimeout = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return isTimeout
    ? new SluiceError('The time of the call is over. What was sent goes on.', { code: 'timeout', cause })
    : new SluiceError('The call was stopped by its caller. What was sent goes on.', { code: 'aborted', cause });
}

/** The key that a request is sent under. */
export function idempotencyKeyOf(request: Request): string | null {
  return request.headers.get('idempotency-key');
}

function wasNotSent(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, cause, errors, message } = thrown as {
    code?: unknown;
    cause?: unknown;
    errors?: unknown;
    message?: unknown;
  };
  // Certificates are judged before anything is sent; some ports are never tried.
  if (typeof code === 'string' && (notSentCodes.has(code) || /CERT|TLS|SSL/.test(code))) return true;
  if (message === 'bad port') return true;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(wasNotSent);
  return cause !== thrown && wasNotSent(cause);
}

function reasonOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: { message?: unknown; code?: unknown } };
  const reason = [cause?.message, cause?.code].find((one): one is string => typeof one === 'string' && one !== '');
  return reason === undefined ? '' : ` (${reason})`;
}

/** After how many milliseconds this answer lets the call be sent again; null: not at all. */
async function delayOf(response: Response, { method }: Request, sent: number): Promise<number | null> {
  if (response.ok) return null;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const mayRepeat = isProblem(body) ? body.retryable : method === 'GET' && [502, 503, 504].includes(response.status);
  if (!mayRepeat) return null;
  const seconds = retryAfterOf(response.headers);
  return seconds === null ? backOffMs(sent) : seconds * 1000 * (1 + Math.random() / 10);
}

/** A quarter of a second, doubled each time, up to 5 s, and never the same for all who wait. */
function backOffMs(sent: number): number {
  return Math.min(250 * 2 ** sent, 5000) * (0.5 + Math.random() / 2);
}

/** Waits, unless the signal ends that. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(stopped(signal, signal.reason));
    };
    if (signal.aborted) {
      reject(stopped(signal, signal.reason));
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
