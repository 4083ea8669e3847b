import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Failure, type UpstreamAnswer } from '../../core/failure.js';
import type { Answer } from '../../transport/exchange.js';

/** An element: its attributes by their names behind an `@`, its children by their names, its own text as `#text`. */
export type Element = Readonly<Record<string, unknown>>;

/** What is read of an answer. */
export type Received = Pick<Answer, 'status' | 'text'>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  alwaysCreateTextNode: false,
  // Nothing here asks where an element stands: its path need not be spelled.
  jPath: false,
});

/**
 * Reading takes so long for each tag, attribute and entity, not for each byte, and nothing else is done meanwhile. A pool of
 * 1000 ids has 5000 of them.
 */
const mostMarkup = 8192;

/** The `<out>` of a whole, valid document. Throws Failure `upstream-malformed` for anything else. */
export function rootOf({ status, text }: Received): Element {
  const broken = (message: string): Failure => malformed(message, status);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw broken('The answer declares a document type.');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) throw broken('The answer holds control characters.');
  const encoding = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) throw broken('The answer is not in UTF-8.');
  if (markupIn(text) > mostMarkup) throw broken('The answer has more elements than can be read.');
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is another package; docs/decisions/0004
  if (XMLValidator.validate(text) !== true || !endsWithRoot(text)) {
    throw broken('The answer is not a whole XML document.');
  }
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    throw broken('The answer cannot be read as XML.');
  }
  const roots = isElement(document) ? Object.entries(document) : [];
  const [name, root] = roots[0] ?? [];
  if (roots.length !== 1 || name !== 'out' || !isElement(root)) throw broken('The answer has no <out> root.');
  return root;
}

/** How many characters begin a tag, the value of an attribute or an entity. */
function markupIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x3c || character === 0x3d || character === 0x26) count += 1;
  }
  return count;
}

/** Nothing but comments and white space follows the closing root: the validator lets entities and half-written tags pass there. */
function endsWithRoot(text: string): boolean {
  let rest = text.trimEnd();
  while (rest.endsWith('-->')) rest = rest.slice(0, Math.max(0, rest.lastIndexOf('<!--'))).trimEnd();
  return rest.endsWith('>') && rest.slice(0, -1).trimEnd().endsWith('</out');
}

/** All elements below one. */
export function descendants(element: Element): readonly Element[] {
  const children = Object.values(element).flat().filter(isElement);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Is this an element, rather than text or a list? */
export function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An answer of this HTTP status that proves nothing. */
export function malformed(message: string, status: number): Failure {
  return new Failure('upstream-malformed', message, { sent: 'perhaps', upstream: upstreamOf(status, null, null) });
}

/** What 1010data said, as a failure tells it. */
export function upstreamOf(httpStatus: number, code: string | null, message: string | null): UpstreamAnswer {
  return { target: null, backend: '1010data', httpStatus, code, message, requestId: null };
}
