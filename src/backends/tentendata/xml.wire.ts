import { Failure, type UpstreamAnswer } from '../../core/model/failure.js';
import type { Answer } from '../../transport/exchange.js';
import { isElement, readOut, type Element, type Reading } from './xml.reader.js';

/** What is read of an answer. */
export type Received = Pick<Answer, 'status' | 'text'>;

/**
 * Reading takes so long for each tag, attribute and entity, not for each byte, and nothing else is done meanwhile. A
 * pool of 1000 ids has 5000 of them.
 */
const mostMarkup = 8192;

/** Does an answer take too long to read while others wait? */
export function isLong(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length && count <= mostMarkup; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x3c || character === 0x3d || character === 0x26) count += 1;
  }
  return count > mostMarkup;
}

/** The `<out>` of a whole, valid document. Throws Failure `upstream-malformed` for anything else. */
export function rootOf({ status, text }: Received): Element {
  if (isLong(text)) throw malformedXml('The answer has more elements than can be read.', status);
  return outOf(readOut(text), status);
}

/** The `<out>` that was read. Throws Failure `upstream-malformed` if there was none. */
export function outOf(reading: Reading, status: number): Element {
  if (reading.is === 'broken') throw malformedXml(reading.message, status);
  return reading.out;
}

/** All elements below one. */
export function descendants(element: Element): readonly Element[] {
  const children = Object.values(element).flat().filter(isElement);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** An answer of this HTTP status that proves nothing. */
export function malformedXml(message: string, status: number): Failure {
  return new Failure('upstream-malformed', message, { sent: 'perhaps', upstream: upstreamOf(status, null, null) });
}

/** What 1010data said, as a failure tells it. */
export function upstreamOf(httpStatus: number, code: string | null, message: string | null): UpstreamAnswer {
  return { target: null, backend: '1010data', httpStatus, code, message, requestId: null };
}
