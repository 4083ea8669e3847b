import { isInteger, parse } from 'lossless-json';
import { plausibleSeconds } from '../../core/model/durations.js';
import { Failure } from '../../core/model/failure.js';

/** The members of a JSON object. Integers beyond 2^53 are bigint, every other number is a number. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A member of a vendor's row: whatever its page says, it may be absent, or of another type. */
export type Told = unknown;

/** So many digits in a row may be a number that a double cannot hold. */
const manyDigits = 16;

/** Reads a JSON object, with every integer exact. Anything else proves nothing about what the vendor did. */
export function parseJson(text: string): JsonObject {
  const value = readJson(text);
  if (value === undefined) throw malformed('The answer is not JSON.');
  if (!isObject(value)) throw malformed('The answer is not a JSON object.');
  return value;
}

/** Any JSON value; undefined if the text is no JSON. */
export function readJson(text: string): unknown {
  try {
    return hasDigits(text, manyDigits) ? parse(text, null, exact) : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/**
 * Has it so many digits in a row? Looks at one character in so many, of which any such row has one: in lists of a megabyte
 * that takes a fifth of the time of a regular expression, which is a third of reading them.
 */
export function hasDigits(text: string, many: number): boolean {
  for (let at = many - 1; at < text.length; at += many) {
    let from = at;
    let to = at;
    while (isDigit(text, from - 1)) from -= 1;
    while (isDigit(text, to)) to += 1;
    if (to - from >= many) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** No id is longer. Numbers that are take ever longer to read exactly, and nothing else is done meanwhile. */
const mostDigits = 40;

function exact(digits: string): number | bigint {
  const value = Number(digits);
  const isEnough = digits.length > mostDigits || !isInteger(digits) || Number.isSafeInteger(value);
  return isEnough ? value : BigInt(digits);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects, or a Failure that names it. */
export function objectsOf(value: unknown, name: string): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw malformed(`The answer has no list of ${name}.`);
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
export function malformed(message: string): Failure {
  return new Failure('upstream-malformed', message, { sent: 'perhaps' });
}
