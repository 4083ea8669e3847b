import type { Clock } from '../core/model/clock.js';
import type { Wrap } from './exchange.js';

/** Gives each attempt its own time, within what is left of the call's. */
export function deadline(answerMs: number, clock: Clock): Wrap {
  return (next) => (exchange, call) =>
    next(exchange, { ...call, deadline: Math.min(call.deadline, clock.now() + answerMs) });
}
