import type { Clock } from '../core/model/clock.js';
import type { Answer, Fetch } from './exchange.js';
import { httpDate } from './http-date.js';

/** Told how many seconds a vendor's clock is ahead of ours; negative if it is behind. */
export type ToldSkew = (seconds: number) => void;

/** When a call was sent and answered, by our clock: milliseconds since the epoch. */
interface During {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** What the `Date` of an answer (RFC 9110, 6.6.1) tells of the vendor's clock. */
interface VendorTime {
  readonly at: number;
  /** Milliseconds by which it is ahead of ours; negative if it is behind. */
  readonly ahead: number;
}

/**
 * Compares clocks by the `Date` of an answer; null where it has none. It tells whole seconds, at some moment while the
 * call was under way: what can be explained by that is no difference.
 */
function vendorTime({ headers }: Answer, { sentAt, answeredAt }: During): VendorTime | null {
  const at = httpDate(headers['date']?.trim() ?? '');
  if (Number.isNaN(at)) return null;
  return { at, ahead: Math.max(0, at - answeredAt) - Math.max(0, sentAt - (at + 1000)) };
}

/** What time it is for the vendor: what its answer tells if that differs from our time, else ours. */
export function vendorNow(answer: Answer, during: During): number {
  const told = vendorTime(answer, during);
  return told === null || told.ahead === 0 ? during.answeredAt : told.at;
}

/** Compares clocks by every answer that tells the time. */
export function skew(clock: Clock, tell: ToldSkew): (next: Fetch) => Fetch {
  return (next) => async (exchange, call) => {
    const sentAt = clock.now();
    const answer = await next(exchange, call);
    const told = vendorTime(answer, { sentAt, answeredAt: clock.now() });
    if (told) tell(told.ahead / 1000);
    return answer;
  };
}
