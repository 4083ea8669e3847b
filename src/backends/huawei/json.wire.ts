import { isInteger, parse } from 'lossless-json';
import { plausibleSeconds } from '../../core/model/durations.js';
import { Failure } from '../../core/model/failure.js';

/** The members of a JSON object. Integers beyond 2^53 are bigint, every other number is a number. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A member of a vendor's row: whatever its page says, it may be absent, or of another type. */
export type RawMember = unknown;

/** So many digits in a row may be a number that a double cannot hold. */
const manyDigits = 16;

/** Reads a JSON object, with every integer exact. Anything else proves nothing about what the vendor did. */
export function parseVendorJson(text: string): JsonObject {
  const value = readJson(text);
  if (value === undefined) throw malformedJson('The answer is not JSON.');
  if (!isObject(value)) throw malformedJson('The answer is not a JSON object.');
  return value;
}

/**
 * A member that stands twice in one object: it does not say which of its values is meant, so that it can be read as
 * nothing.
 */
const toldTwice = Symbol('told twice');

/** Does a row have a member twice? Then it cannot be read: the value that was lost may be the one that protects. */
export function hasMemberTwice(row: JsonObject): boolean {
  for (const name in row) if (row[name] === toldTwice) return true;
  return false;
}

/**
 * Any JSON value; undefined if the text is no JSON. What a number may have been before somebody rounded it is not
 * guessed: it is NaN, and no id.
 */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const isExact = membersIn(value) === membersWritten(text);
    return isExact ? value : parse(text, null, { parseNumber: exact, onDuplicateKey: () => toldTwice });
  } catch {
    return undefined;
  }
}

/** How many members the objects of a value have. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const one of inner) if (typeof one === 'object') members += membersIn(one);
  return members;
}

const [quote, backslash, colon, point, zero, nine, e, capitalE] = [0x22, 0x5c, 0x3a, 0x2e, 0x30, 0x39, 0x65, 0x45];

/**
 * How many members a valid document writes; NaN where it writes a number that a double may not hold, by its digits or
 * its exponent. Looks at each character once, in lists of many megabytes.
 */
function membersWritten(text: string): number {
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code === quote) {
      for (code = text.charCodeAt((at += 1)); code !== quote; code = text.charCodeAt((at += 1))) {
        if (code === backslash) at += 1;
      }
    } else if (code === colon) members += 1;
    else if (isDigit(code)) {
      const from = at;
      while (isDigit(code) || code === point) code = text.charCodeAt((at += 1));
      if (at - from >= manyDigits || code === e || code === capitalE) return NaN;
      at -= 1;
    }
  }
  return members;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** No id is longer. Numbers that are take ever longer to read exactly, and nothing else is done meanwhile. */
const mostDigits = 40;

function exact(digits: string): number | bigint {
  const value = Number(digits);
  if (isInteger(digits)) return digits.length > mostDigits || Number.isSafeInteger(value) ? value : BigInt(digits);
  return Number.isInteger(value) && !tells(digits, value) ? NaN : value;
}

/** Do these digits, written with a point or an exponent, say each digit of that whole number, and nothing else? */
function tells(digits: string, value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  const written = digits
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  const whole = String(Math.abs(value));
  return value === 0 || (written.startsWith(whole) && /^0*$/.test(written.slice(whole.length)));
}

/** Is it an object, and not a list or null? */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects, or a Failure that names it. */
export function objectsOf(value: unknown, name: string): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw malformedJson(`The answer has no list of ${name}.`);
  return value;
}

/** Text, or a number written as one. Null where there is nothing to read. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  return null;
}

/** A whole number, or the text of one. Null where there is nothing to read; beyond 2^53 it is not exact. */
export function wholeOf(value: unknown): number | null {
  if (Number.isSafeInteger(value)) return value as number;
  const text = textOf(value)?.trim() ?? '';
  return /^-?\d{1,20}$/.test(text) ? Number(text) : null;
}

/** Seconds as a vendor tells them; null where no clock can say so. */
export function secondsOf(value: unknown): number | null {
  return plausibleSeconds(wholeOf(value));
}

/** Yes or no, or the word for it. */
export function flagOf(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

const longestStatement = 200;

/** A statement, cut, without half a character at its end. */
export function statementOf(value: unknown): string | null {
  const statement = textOf(value)?.slice(0, longestStatement);
  return statement?.replace(/[\uD800-\uDBFF]$/, '') ?? null;
}

/** The vendor answered, and it cannot be understood: nobody knows what was done. */
export function malformedJson(message: string): Failure {
  return new Failure('upstream-malformed', message, { sent: 'perhaps' });
}

/**
 * The ids of a list in the answer to a kill; null where there is none. Throws Failure where it names what was not asked
 * for.
 */
export function answeredIds(body: JsonObject, name: string, asked: readonly string[]): ReadonlySet<string> | null {
  const list = body[name] ?? null;
  if (list === null) return null;
  if (!Array.isArray(list)) throw malformedJson(`The answer has no list ${name}.`);
  const ids = new Set(list.map(textOf));
  const known = new Set<string | null>(asked);
  if (![...ids].every((id) => known.has(id))) throw malformedJson('The answer is about ids that were not asked for.');
  return new Set([...ids].filter((id) => id !== null));
}
