import { errorOf, isProblem, SluiceError } from './error.ts';
import { lost, stopped } from './send.ts';

/** What openapi-fetch gives for a call. */
interface Called<Data> {
  readonly data?: Data | null | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** How a call was sent, for the error that it may become. */
export interface Sent {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | null;
}

/** The body of a successful answer. Everything else is thrown as a `SluiceError`. */
export async function answerOf<Data>(call: Promise<Called<Data>>, sent: Sent): Promise<Data> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    if (thrown instanceof SluiceError) throw thrown;
    if (sent.signal.aborted) throw stopped(sent.signal, thrown);
    if (thrown instanceof SyntaxError) throw unexpected(sent, null, thrown);
    throw lost(thrown, sent.idempotencyKey);
  });
  if (response.ok && typeof data === 'object' && data !== null) return data;
  if (isProblem(error)) throw errorOf(error, response.headers, sent.idempotencyKey);
  throw unexpected(sent, response, error);
}

function unexpected({ idempotencyKey }: Sent, response: Response | null, cause: unknown): SluiceError {
  const status = response === null ? '' : ` with status ${response.status}`;
  return new SluiceError(
    `Something answered${status} that is not Sluice, or not all of its answer. Check the address.`,
    {
      code: 'unexpected-answer',
      status: response?.status,
      requestId: response?.headers.get('x-request-id'),
      idempotencyKey,
      cause,
    },
  );
}
