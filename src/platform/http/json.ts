import { parse } from 'lossless-json';
import { Failure, type Fault } from '../../core/failure.js';

const deepest = 16;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a JSON body strictly: UTF-8 without a byte order mark, no duplicate keys, no keys that reach into prototypes, at
 * most 16 levels deep. Integers beyond 2^53 become bigint, so that nothing is rounded. Throws Failure `invalid-request`.
 */
export function parseJson(body: Buffer): unknown {
  const text = decodeUtf8(body);
  if (depthOf(text) > deepest)
    throw invalid([{ pointer: '', message: `is nested deeper than ${String(deepest)} levels` }]);
  const forbidden = forbiddenIn(parseNatively(text), '');
  if (forbidden.length > 0) throw invalid(forbidden);
  try {
    return parse(text, undefined, { parseNumber, onDuplicateKey: refuseDuplicate });
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw invalid([{ pointer: '', message: 'is not valid JSON' }]);
  }
}

function decodeUtf8(body: Buffer): string {
  if (body.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) {
    throw invalid([{ pointer: '', message: 'begins with a byte order mark' }]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw invalid([{ pointer: '', message: 'is not UTF-8' }]);
  }
}

function parseNatively(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const at = thrown instanceof SyntaxError ? /at position (\d+)/.exec(thrown.message)?.[1] : undefined;
    const where = at === undefined ? '' : `, at character ${at}`;
    throw invalid([{ pointer: '', message: `is not valid JSON${where}` }]);
  }
}

function parseNumber(text: string): number | bigint {
  const value = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}

function refuseDuplicate({ key }: { readonly key: string }): never {
  throw invalid([{ pointer: '', message: `has the key ${JSON.stringify(key)} twice in one object` }]);
}

/** How deep objects and arrays are nested, found without building any. */
function depthOf(text: string): number {
  let depth = 0;
  let deepestSeen = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) deepestSeen = Math.max(deepestSeen, (depth += 1));
    else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return deepestSeen;
}

function forbiddenIn(value: unknown, pointer: string): readonly Fault[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): readonly Fault[] => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return forbiddenKeys.has(key) ? [{ pointer: at, message: 'is not a key that is taken' }] : forbiddenIn(member, at);
  });
}

function invalid(errors: readonly Fault[]): Failure {
  return new Failure('invalid-request', `The body ${errors[0]?.message ?? 'is not valid'}.`, { errors });
}
