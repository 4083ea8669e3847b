import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'lossless-json';
import { readJson } from './json.wire.js';

/** Documents with numbers of any length, members that stand twice, and texts that look like both. */
const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '""', '"\\\\"', '"a\\":1"', '"9007199254740993"', '"1e5"', ' { } '),
    fc.stringMatching(/^-?[1-9]\d{0,19}$/),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(' , ')}]`),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'a\\"', ':'), tie('value')), { maxLength: 4 })
    .map((members) => `{${members.map(([name, member]) => `"${name}" : ${member}`).join(',')}}`),
}));

function numberOf(text: string): number | bigint {
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

/** A member that stands twice is a symbol: nobody can read it as anything. */
function withoutSymbols(read: unknown): unknown {
  if (typeof read === 'symbol') return 'twice';
  if (Array.isArray(read)) return read.map(withoutSymbols);
  if (typeof read !== 'object' || read === null) return read;
  return Object.fromEntries(Object.entries(read).map(([name, member]) => [name, withoutSymbols(member)]));
}

describe('what is read of an answer', () => {
  it('is what a reader finds that looks at every number and every member by itself', () => {
    fc.assert(
      fc.property(value, (text) => {
        const slowly = parse(text, null, { parseNumber: numberOf, onDuplicateKey: () => 'twice' });
        expect(withoutSymbols(readJson(text))).toEqual(slowly);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['a number that a double cannot hold', '{"id":9007199254740993}', { id: 9007199254740993n }],
    ['a number that was rounded', '{"id":1.4e14}', { id: NaN }],
    ['a number with a point that a double cannot hold', '{"id":9007199254740993.0}', { id: NaN }],
    ['a number with an exponent that a double cannot hold', '{"id":9.007199254740993e15}', { id: NaN }],
    ['a number that somebody rounded to a whole one', '{"id":900719925474099.99999}', { id: NaN }],
    ['a whole number with a point', '{"id":31.0}', { id: 31 }],
    ['a whole number with an exponent', '{"id":3.1e1}', { id: 31 }],
    ['a member that stands twice', '{"id":1,"id":2}', { id: 'twice' }],
  ])('tells of %s in a list of any length', (_name, row, expected) => {
    const rows = Array.from({ length: 20_000 }, (_, id) => `{"id":${String(id)},"state":"idle"}`);
    const read = readJson(`[${rows.join(',')},${row}]`);
    expect(withoutSymbols((read as unknown[]).at(-1))).toEqual(expected);
    expect((read as unknown[]).at(-2)).toEqual({ id: 19_999, state: 'idle' });
  });
});
