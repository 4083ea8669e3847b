import type { Reply } from '../exchange.ts';

/** A name and a text, or elements within, or an element that has attributes only. */
export interface Element {
  readonly name: string;
  readonly content?: string | readonly Element[];
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a transaction answers: rc 0 is success. */
export interface Answer {
  readonly rc: number;
  readonly msg: string;
  /** What stands before `<msg>`, in the vendor's order. */
  readonly before?: readonly Element[];
  readonly after?: readonly Element[];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function rendered({ name, content = '', attributes = {} }: Element): string {
  const pairs = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`);
  const start = `<${name}${pairs.join('')}`;
  if (content.length === 0 && pairs.length > 0) return `${start}/>`;
  return `${start}>${typeof content === 'string' ? escaped(content) : content.map(rendered).join('')}</${name}>`;
}

/** The answer as the vendor sends it: HTTP 200 whatever the code. */
export function replyOf({ rc, msg, before = [], after = [] }: Answer, xmlProlog: boolean): Reply {
  const out: Element = {
    name: 'out',
    content: [{ name: 'rc', content: String(rc) }, ...before, { name: 'msg', content: msg }, ...after],
  };
  const prolog = xmlProlog ? '<?xml version="1.0" encoding="UTF-8"?>\n' : '';
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: `${prolog}${rendered(out)}` };
}

/** A refusal; the code's own words unless others are given. */
export class Refused extends Error {
  readonly rc: number;

  constructor(rc: number, message = meanings[rc] ?? 'Error') {
    super(message);
    this.rc = rc;
  }
}

const meanings: Readonly<Record<number, string>> = {
  1: 'Error',
  2: 'XML error',
  3: 'Missing uid',
  4: 'Invalid uid or password',
  5: 'Already logged in',
  6: 'Missing transaction name',
  7: 'Unknown transaction',
  8: 'Missing element',
  9: 'Bad value',
  10: 'Bad element contents',
  35: 'Not logged in',
  37: 'You are not the owner of this group',
  38: 'System busy, please try again',
  39: 'IP address is not authorized',
  41: '1010data is unavailable',
  45: 'Too many login attempts',
};
