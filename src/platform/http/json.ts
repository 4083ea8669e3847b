import { isSafeNumber, parse } from 'lossless-json';
import { Failure, type FieldError } from '../../core/model/failure.js';
import { Refusals } from '../../core/model/refusals.js';
import { pointerTo } from './pointer.js';

const deepest = 16;
/** Reading takes so long for each value, not for each byte, and nothing else is done meanwhile. No call needs 1100. */
const mostValues = 4096;
/** No id is longer. Numbers that are take ever longer to read exactly. */
const mostDigits = 40;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a JSON body strictly: UTF-8 without a byte order mark, no key twice in one object, no keys that reach into
 * prototypes, at most 16 levels deep, at most 4096 values. Integers beyond 2^53 become bigint, and what would be
 * rounded to an integer NaN, so that no number turns into another. Throws Failure `invalid-request`.
 */
export function parseJson(body: Buffer): unknown {
  const text = decodeUtf8(body);
  const { depth, values } = extentOf(text);
  if (depth > deepest) refuse(`The body is nested deeper than ${String(deepest)} levels.`);
  if (values > mostValues) refuse(`The body holds more than ${String(mostValues)} values.`);
  const value = parseValid(text);
  new Refusals(keyErrorsIn(text)).throwIfAny();
  return mayRound.test(text) ? parse(text, undefined, parseNumber) : value;
}

/**
 * Where this is not found, not in a string either, every number is an integer that the parser of the runtime reads
 * exactly.
 */
const mayRound = /\d(?:[.eE]|\d{15})/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(body: Buffer): string {
  if (body.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) refuse('The body begins with a byte order mark.');
  try {
    return utf8.decode(body);
  } catch {
    return refuse('The body is not UTF-8.');
  }
}

/** The parser of the runtime decides what is JSON. */
function parseValid(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const at = thrown instanceof SyntaxError ? /at position (\d+)/.exec(thrown.message)?.[1] : undefined;
    return refuse(`The body is not valid JSON${at === undefined ? '' : `, at character ${at}`}.`);
  }
}

function parseNumber(text: string): number | bigint {
  const value = Number(text);
  if (text.length > mostDigits) return NaN;
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text);
  return Number.isInteger(value) && !isSafeNumber(text) ? NaN : value;
}

/** How deep objects and arrays are nested and how many values there are, found without building any. */
function extentOf(text: string): { readonly depth: number; readonly values: number } {
  let depth = 0;
  let deepestSeen = 0;
  let values = 1;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x2c) values += 1;
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > deepestSeen) deepestSeen = depth;
      values += 1;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return { depth: deepestSeen, values };
}

interface Container {
  readonly pointer: string;
  /** Null in a list. */
  readonly keys: Set<string> | null;
  /** The key or the index of the member that is read. */
  step: string | number;
}

/** Texts, with the colon behind them if they are keys, and what structures a document. */
const tokens = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[[\]{},]/g;

/** What is wrong with the keys of a valid document. */
function keyErrorsIn(text: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const open: Container[] = [];
  for (const [token, literal = '', colon] of text.matchAll(tokens)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[') {
      const pointer = inner ? pointerTo([inner.step], inner.pointer) : '';
      open.push(token === '{' ? { pointer, keys: new Set(), step: '' } : { pointer, keys: null, step: 0 });
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      if (typeof inner?.step === 'number') inner.step += 1;
    } else if (colon !== undefined && inner?.keys) {
      const key = JSON.parse(literal) as string;
      inner.step = key;
      const pointer = pointerTo([key], inner.pointer);
      if (forbiddenKeys.has(key)) errors.push({ pointer, message: `${key} is not a key that is taken.` });
      else if (inner.keys.has(key)) errors.push({ pointer, message: `${key} stands twice in one object.` });
      inner.keys.add(key);
    }
  }
  return errors;
}

function refuse(message: string): never {
  throw new Failure('invalid-request', message, { errors: [{ pointer: '', message }] });
}
