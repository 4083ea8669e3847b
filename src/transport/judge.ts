import { Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import type { Answer, Exchange, Wrap } from './exchange.js';
import { retryAfterMs } from './retry-after.js';

/** Reads a vendor's own words of refusal from a 4xx answer. */
export type ReadRefusal = (answer: Answer, exchange: Exchange) => Failure;

/** Throws what a 2xx answer turns out to be, where the vendor puts its refusals into those. */
export type Inspect = (answer: Answer, exchange: Exchange, call: Call) => Promise<void>;

/**
 * Lets only 2xx answers through. A 4xx is an intelligible refusal, in the vendor's words; a redirect is never followed; a
 * 5xx says nothing about what was done.
 */
export function judge(readRefusal: ReadRefusal, inspect?: Inspect): Wrap {
  return (next) => async (exchange, call) => {
    const answer = await next(exchange, call);
    if (answer.status >= 200 && answer.status < 300) {
      await inspect?.(answer, exchange, call);
      return answer;
    }
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
