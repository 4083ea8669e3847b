// Runs in a thread of its own too, from the sources as well: nothing is imported from beside it.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';

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
  // Beside the five names of XML, which are all that a whole document has here: characters by their numbers.
  htmlEntities: true,
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
  if (hidesItsRc(text)) return broken('The rc of the answer is written by a reference.');
  if (!isWhole(text)) return broken('The answer is not a whole XML document.');
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

/** Is the rc written by references to characters? Nothing that means it writes it so. */
function hidesItsRc(text: string): boolean {
  const from = text.search(/<rc[\s>]/);
  return from >= 0 && text.slice(from, text.indexOf('</rc', from)).includes('&');
}

function broken(message: string): Reading {
  return { is: 'broken', message };
}

/** Is a text a well-formed document, from its beginning to its end? The one that reads it lets much pass. */
function isWhole(text: string): boolean {
  try {
    new SaxesParser().write(text).close();
    return true;
  } catch {
    return false;
  }
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
