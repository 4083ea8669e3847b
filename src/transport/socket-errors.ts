import { Failure } from '../core/model/failure.js';

/** Errors carry addresses at most: their code is told, their text is not. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}

/** What the error of a request proves that was never written. */
export function neverSent(error: Error): Failure {
  const hadItsTime = 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT';
  const kind = hadItsTime ? 'upstream-timeout' : 'upstream-unavailable';
  return new Failure(kind, `The vendor could not be reached${codeOf(error)}.`, { hadItsTime, isUnreached: true });
}

/** What undici says of an answer that breaks the rules of HTTP, beside what its parser says. */
const brokenRules: ReadonlySet<unknown> = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW']);

/** What the error of a request proves that was written, at least in part; and the answer, if it began. */
export function brokenOff(error: Error, hasBegun: boolean): Failure {
  const isProtocol = error.name === 'HTTPParserError' || ('code' in error && brokenRules.has(error.code));
  const kind = isProtocol ? 'upstream-malformed' : 'upstream-unavailable';
  return new Failure(kind, `The connection to the vendor broke before its answer was whole${codeOf(error)}.`, {
    sent: 'perhaps',
    isUnreached: !isProtocol && !hasBegun,
  });
}
