// What a vendor's text says, read by other means than the gateway's: a second opinion on what may be taken for a
// success.
import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly name: string;
  /** The values of its attributes. */
  readonly values: readonly string[];
  readonly children: XmlElement[];
  /** Its own text, character data sections included. */
  text: string;
}

/** The root of a well-formed XML document; undefined if it is none. */
export function xmlOf(document: string): XmlElement | undefined {
  const top: XmlElement = { name: '', values: [], children: [], text: '' };
  const open = [top];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, values: Object.values(attributes), children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const add = (text: string): void => {
    const inner = open.at(-1);
    if (inner) inner.text += text;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  try {
    parser.write(document).close();
  } catch {
    return undefined;
  }
  return top.children[0];
}

/** All that an XML document says anywhere, in attributes and in texts. */
export function textsIn(element: XmlElement | undefined): readonly string[] {
  if (!element) return [];
  return [...element.values, element.text, ...element.children.flatMap(textsIn)].map((text) => text.trim());
}

/**
 * The members of a JSON object, every number as it is written, whole ones without an exponent; undefined if it is none.
 */
export function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const written = (_key: string, value: unknown, { source = '' }: { source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    return /^-?\d+$/.test(source) ? BigInt(source).toString() : String(value);
  };
  try {
    const value: unknown = JSON.parse(text, written as (key: string, value: unknown) => unknown);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The texts in a list, or one member of each object in it. Nothing if there is no list. */
export function listIn(
  body: Readonly<Record<string, unknown>> | undefined,
  name: string,
  member?: string,
): readonly string[] {
  const list: unknown = body?.[name];
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const value = member === undefined ? one : (one as Record<string, unknown> | null)?.[member];
    return typeof value === 'string' ? [value, value.trim()] : [];
  });
}
