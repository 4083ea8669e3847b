import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { malformedQuery, parseQuery } from './query.js';

describe('a query', () => {
  it.each<[string, Record<string, string[]>]>([
    ['', {}],
    ['a=1', { a: ['1'] }],
    ['a=1&a=2&b=3', { a: ['1', '2'], b: ['3'] }],
    ['a', { a: [''] }],
    ['a=', { a: [''] }],
    ['a=b=c', { a: ['b=c'] }],
    ['a=b+c%20d', { a: ['b c d'] }],
    ['a=%26%3d%25', { a: ['&=%'] }],
    ['a[]=1&a[0]=2', { 'a[]': ['1'], 'a[0]': ['2'] }],
    ['&&a=1&', { a: ['1'] }],
    ['a=1,2', { a: ['1,2'] }],
    ['toString=1', { toString: ['1'] }],
  ])('"%s" has the values %j', (text, values) => {
    expect({ ...parseQuery(text) }).toEqual(values);
  });

  it('has as many values as were given', () => {
    expect(parseQuery('id=1&'.repeat(5000))['id']).toHaveLength(5000);
  });

  it('has no names of its own', () => {
    const query = parseQuery('__proto__=a&constructor=b');
    expect(Object.getPrototypeOf(query)).toBeNull();
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor']);
    expect('toString' in parseQuery('')).toBe(false);
  });

  it.each(['%', 'a=%2', 'a=%zz', 'a=%ff', 'a=%c0%af', 'a=%ed%a0%80', '%ff=1'])(
    '"%s" is broken, and has none',
    (text) => {
      const query = parseQuery(text);
      expect(Object.keys(query)).toEqual([]);
      expect(Object.getOwnPropertySymbols(query)).toEqual([malformedQuery]);
    },
  );

  it('gives back what was encoded', () => {
    const text = fc.string({ unit: 'grapheme' });
    const named = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.dictionary(named, fc.array(text, { minLength: 1 })), (values) => {
        const pairs = Object.entries(values).flatMap(([name, given]) => given.map((value) => [name, value] as const));
        const query = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        expect({ ...parseQuery(query) }).toEqual({ ...values });
      }),
    );
  });
});
