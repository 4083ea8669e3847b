import type { Clock } from '../core/clock.js';
import type { Wrap } from './exchange.js';

/** Told how many seconds a vendor's clock is ahead of ours; negative if it is behind. */
export type ToldSkew = (seconds: number) => void;

/**
 * Compares clocks by the `Date` of every answer (RFC 9110, 6.6.1). It tells whole seconds, at some moment while the call was
 * under way: what can be explained by that is no difference.
 */
export function skew(clock: Clock, tell: ToldSkew): Wrap {
  return (next) => async (exchange, call) => {
    const sentAt = clock.now();
    const answer = await next(exchange, call);
    const date = Date.parse(answer.headers['date'] ?? '');
    if (!Number.isNaN(date)) {
      const ahead = Math.max(0, date - clock.now());
      const behind = Math.max(0, sentAt - (date + 1000));
      tell((ahead - behind) / 1000);
    }
    return answer;
  };
}
