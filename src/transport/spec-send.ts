import { wholeText, type Answer, type Fetch, type Send } from './exchange.js';

/** The answer itself, if it is whole. */
export function asItIs(answer: Answer): Answer {
  return { ...answer, text: wholeText(answer) };
}

/** Sends to what answers every request with 2xx, and has that read. */
export function sendBy(fetch: Fetch): Send {
  return async (exchange, call) => exchange.read(await fetch(exchange, call), call);
}
