// Runs in a thread of its own too, from the sources as well: nothing is imported from beside it.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element: its attributes by their names behind an `@`, its children by their names, its own text as `#text`. */
export type Element = Readonly<Record<string, unknown>>;

/** The `<out>` of a document, or what is wrong with that. */
export type Reading =
  { readonly is: 'out'; readonly out: Element } | { readonly is: 'broken'; readonly message: string };

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

/** Reads a whole, valid document whose root is `<out>`. */
export function readOut(text: string): Reading {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return broken('The answer declares a document type.');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return broken('The answer holds control characters.');
  const encoding = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) return broken('The answer is not in UTF-8.');
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is another package; docs/decisions/0004
  if (XMLValidator.validate(text) !== true || !endsWithRoot(text)) {
    return broken('The answer is not a whole XML document.');
  }
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    return broken('The answer cannot be read as XML.');
  }
  const roots = isElement(document) ? Object.entries(document) : [];
  const [name, root] = roots[0] ?? [];
  if (roots.length !== 1 || name !== 'out' || !isElement(root)) return broken('The answer has no <out> root.');
  return { is: 'out', out: root };
}

function broken(message: string): Reading {
  return { is: 'broken', message };
}

/**
 * Nothing but comments and white space follows the closing root: the validator lets entities and half-written tags pass
 * there.
 */
function endsWithRoot(text: string): boolean {
  let rest = text.trimEnd();
  while (rest.endsWith('-->')) rest = rest.slice(0, Math.max(0, rest.lastIndexOf('<!--'))).trimEnd();
  return rest.endsWith('>') && rest.slice(0, -1).trimEnd().endsWith('</out');
}

/** Is this an element, rather than text or a list? */
export function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the thread is started with. */
export interface LongText {
  readonly xml: string;
}

if (!isMainThread && isElement(workerData) && typeof workerData['xml'] === 'string') {
  parentPort?.postMessage(readOut(workerData['xml']));
}
