// Runs in a thread of its own too, from the sources as well: nothing is imported from beside it.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { SaxesParser } from 'saxes';

/** An element: its attributes by their names behind an `@`, its children by their names, its own text as `#text`. */
export type Element = Readonly<Record<string, unknown>>;

/** The `<out>` of a document, or what is wrong with that. */
export type Reading =
  { readonly is: 'out'; readonly out: Element } | { readonly is: 'broken'; readonly message: string };

/** Nothing that is meant has more levels, and whatever reads an element goes down all of them. */
const mostLevels = 100;

/** Reads a whole, valid document whose root is `<out>`. */
export function readOut(text: string): Reading {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return broken('The answer declares a document type.');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return broken('The answer holds control characters.');
  const encoding = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) return broken('The answer is not in UTF-8.');
  let root: Root;
  try {
    root = rootIn(text);
  } catch {
    return broken('The answer is not a whole XML document.');
  }
  if (root.name !== 'out' || !isElement(root.value)) return broken('The answer has no <out> root.');
  return { is: 'out', out: root.value };
}

function broken(message: string): Reading {
  return { is: 'broken', message };
}

interface Root {
  readonly name: string;
  /** The text of an element that has nothing else. */
  readonly value: Element | string;
}

/** An element whose end was not read yet. */
interface OpenElement {
  readonly members: Record<string, unknown>;
  text: string;
}

/** The root of a well-formed document. Throws where a text is none, from its beginning to its end. */
function rootIn(text: string): Root {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: Root | undefined;
  const addText = (more: string): void => {
    const within = open.at(-1);
    if (within) within.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ attributes }) => {
    if (open.length >= mostLevels) throw new RangeError('It has too many levels.');
    open.push({ members: attributeMembers(attributes), text: '' });
  });
  parser.on('closetag', ({ name }) => {
    const value = valueOf(open.pop());
    const within = open.at(-1);
    if (within) addMember(within.members, name, value);
    else root = { name, value };
  });
  parser.write(text).close();
  if (!root) throw new TypeError('It has no root.');
  return root;
}

function attributeMembers(attributes: Readonly<Record<string, string>>): OpenElement['members'] {
  // No name that a vendor chooses means anything to it.
  const members = Object.create(null) as OpenElement['members'];
  for (const name of Object.keys(attributes)) members[`@${name}`] = attributes[name];
  return members;
}

function valueOf(element: OpenElement | undefined): Element | string {
  const { members = {}, text = '' } = element ?? {};
  if (Object.keys(members).length === 0) return text;
  if (text !== '') members['#text'] = text;
  return members;
}

function addMember(members: OpenElement['members'], name: string, value: Element | string): void {
  const same = members[name];
  if (same === undefined) members[name] = value;
  else if (Array.isArray(same)) same.push(value);
  else members[name] = [same, value];
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
