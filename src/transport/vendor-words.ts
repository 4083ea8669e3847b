import type { Exchange } from './exchange.js';
import { unescaped } from './vendor-escapes.js';

/** Vendors' messages are shown cut to so many characters. */
const longestMessage = 500;
/** Of a long secret, its beginning alone is withheld, too: vendors cut what they repeat. */
const longSecret = 24;
const beginning = 12;

/**
 * Makes a vendor's message fit to be shown: without our credentials in any spelling, without the canonical request that
 * a signature error repeats, without control characters, and cut. Where a credential stands in it in escapes, of any
 * kind and however deep, nothing of the message is shown.
 */
export function vendorWords(message: string, secrets: readonly string[]): string {
  if (message === '') return '';
  const known = withhold(message, secrets);
  if (known === null) return '[secret]';
  const clean = known
    .replace(/\b(pswd|sid|password|token|signature)=[^\s&"'<>,;]+/gi, '$1=[secret]')
    .replace(/canonicalRequest:.*/s, 'canonicalRequest:[removed]')
    .replace(/\p{Cc}+/gu, ' ');
  return clean.length > longestMessage ? `${clean.slice(0, longestMessage - 1)}…` : clean;
}

/** A vendor's id or code, fit to be shown: null where a credential stands in it, in any spelling. */
export function vendorWord(word: string | null, secrets: readonly string[]): string | null {
  if (word === null) return null;
  const kinds = spellingsWithin(word, secrets);
  const stands = kinds.some(({ exact }) =>
    exact.some((spelling) => word.includes(spelling) || withholdBeginning(word, spelling) !== word),
  );
  return stands || hides(word, kinds) ? null : word;
}

/** The credentials that are sent with this very exchange. */
export function secretsIn({ headers, secrets = [] }: Exchange): readonly string[] {
  const signature = /Signature=(\w+)/.exec(headers.authorization ?? '')?.[1];
  const sent = [headers['x-auth-token'], headers['x-security-token'], signature];
  return [...secrets, ...sent.filter((secret) => secret !== undefined)];
}

/** A message without the secrets; null where one may stand in it in escapes. */
function withhold(message: string, secrets: readonly string[]): string | null {
  const kinds = spellingsWithin(message, secrets);
  const spelled = kinds.flatMap(({ exact }) => exact).toSorted((left, right) => right.length - left.length);
  const whole = spelled.reduce((text, spelling) => text.replaceAll(spelling, '[secret]'), message);
  const known = spelled.reduce(withholdBeginning, whole);
  return hides(known, kinds) ? null : known;
}

/** Of the secrets that a text has room for: nothing that is encoded gets shorter by that. */
function spellingsWithin(text: string, secrets: readonly string[]): readonly Spellings[] {
  return secrets.map(spellingsOf).filter(({ shortest }) => text.length >= shortest);
}

/** Does a secret stand in a text once nothing in it is encoded any more? */
function hides(text: string, kinds: readonly Spellings[]): boolean {
  if (kinds.length === 0) return false;
  const plain = unescaped(text);
  if (plain === null) return true;
  if (plain === text) return false;
  return kinds.some(({ plainly }) => plainly.some((spelling) => plain.includes(spelling)));
}

interface Spellings {
  readonly exact: readonly string[];
  /** What is left of them, or of the beginning of a long secret, where nothing is encoded any more. */
  readonly plainly: readonly string[];
  /** The length of the shortest of all of them. */
  readonly shortest: number;
}

/** Of how many secrets the spellings are kept: those of every connection, which all of its answers are searched for. */
const mostKept = 64;
const kept = new Map<string, Spellings>();

function spellingsOf(secret: string): Spellings {
  const known = kept.get(secret);
  if (known) return known;
  const exact = spell(secret);
  const beginnings = exact.map((spelling) => {
    const plain = unescaped(spelling) ?? spelling;
    return spelling.length < longSecret ? plain : plain.slice(0, beginning);
  });
  const plainly = [...new Set(beginnings.filter((plain) => plain !== ''))];
  const lengths = [...exact.map(({ length }) => Math.min(length, beginning)), ...plainly.map(({ length }) => length)];
  const spellings = { exact, plainly, shortest: Math.min(...lengths) };
  const [oldest] = kept.keys();
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  kept.set(secret, spellings);
  return spellings;
}

/**
 * As it is, and as it stands in a JSON string, in a JSON string within another, in an address, in a form, in base64.
 */
function spell(secret: string): readonly string[] {
  if (secret === '') return [];
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inAddress = encodeURIComponent(secret);
  return [
    secret,
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    inAddress,
    inAddress.replaceAll('%20', '+'),
    inAddress.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    ...base64s(secret),
  ];
}

/** Whatever stood before it when it was encoded: the characters that depend on the secret alone. */
function base64s(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const whole = Array.from([...new Uint8Array(before), ...bytes], (byte) => String.fromCharCode(byte));
    const spelling = btoa(whole.join('')).slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
    return spelling.length < 4 ? [] : [spelling, spelling.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function withholdBeginning(text: string, secret: string): string {
  if (secret.length < longSecret) return text;
  const head = secret.slice(0, beginning);
  if (!text.includes(head)) return text;
  let rest = text;
  let clean = '';
  for (let at = rest.indexOf(head); at !== -1; at = rest.indexOf(head)) {
    let length = head.length;
    while (length < secret.length && rest[at + length] === secret[length]) length += 1;
    clean += `${rest.slice(0, at)}[secret]`;
    rest = rest.slice(at + length);
  }
  return clean + rest;
}
