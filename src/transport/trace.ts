import { asFailure } from '../core/model/failure.js';
import type { Span } from '../core/model/span.js';
import type { Call } from '../core/model/target.js';
import type { Exchange, Send, Wrap } from './exchange.js';

/**
 * Tells every attempt as a part of what it is made for, where somebody follows that. The vendor hears nothing of it.
 */
export const trace: Wrap = (next) => (exchange, call) =>
  call.span ? traced(call.span, exchange, call, next) : next(exchange, call);

async function traced<T>(parent: Span, exchange: Exchange<T>, call: Call, next: Send): Promise<T> {
  const { backend, target, call: name } = exchange;
  const span = parent.child('attempt', `${backend} ${name}`, {
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
}
