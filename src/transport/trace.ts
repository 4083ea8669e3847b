import { asFailure } from '../core/model/failure.js';
import type { Wrap } from './exchange.js';

/**
 * Tells every attempt as a part of what it is made for, where somebody follows that. The vendor hears nothing of it.
 */
export const trace: Wrap = (next) => async (exchange, call) => {
  if (!call.span) return next(exchange, call);
  const { backend, target, call: name } = exchange;
  const span = call.span.child('attempt', `${backend} ${name}`, {
    backend,
    call: name,
    ...(target === null ? {} : { target }),
  });
  try {
    const answer = await next(exchange, call);
    span.end('ok', false);
    return answer;
  } catch (thrown) {
    span.end(asFailure(thrown).kind, true);
    throw thrown;
  }
};
