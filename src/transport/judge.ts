import { Failure } from '../core/model/failure.js';
import type { Answer, Exchange, Fetch, Send } from './exchange.js';
import { retryAfterMs } from './retry-after.js';
import { secretsIn, vendorWord } from './vendor-words.js';

/** Reads a vendor's own words of refusal from a 4xx answer. */
export type ReadRefusal = (answer: Answer, exchange: Exchange) => Failure;

/**
 * Judges an answer by its status, and has it read if that is 2xx. A 4xx is an intelligible refusal, in the vendor's
 * words; a redirect is never followed; a 5xx says nothing about what was done. A header that repeats a credential is
 * not read.
 */
export function judge(readRefusal: ReadRefusal): (fetch: Fetch) => Send {
  return (fetch) => async (exchange, call) => {
    const answer = withoutSecrets(await fetch(exchange, call), secretsIn(exchange));
    if (answer.status >= 200 && answer.status < 300) return exchange.read(answer, call);
    const refusal = readRefusal(answer, exchange);
    if (answer.status >= 400 && answer.status < 500) throw refusal;
    const details = { sent: 'perhaps' as const, ...(refusal.upstream ? { upstream: refusal.upstream } : {}) };
    if (answer.status >= 500)
      throw new Failure('upstream-unavailable', 'The vendor failed while it handled the call.', {
        ...details,
        ...retryAfterMs(answer.headers),
      });
    throw new Failure(
      'upstream-malformed',
      'The vendor answered with a redirect or another status that is no answer.',
      details,
    );
  };
}

/** Ids that are told stand in headers. */
function withoutSecrets(answer: Answer, secrets: readonly string[]): Answer {
  const isHidden = (value: string): boolean => vendorWord(value, secrets) === null;
  if (!Object.values(answer.headers).some(isHidden)) return answer;
  const told = Object.entries(answer.headers).filter(([, value]) => !isHidden(value));
  return { ...answer, headers: Object.fromEntries(told) };
}
