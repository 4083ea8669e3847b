import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { misreadBackslashes, parsePattern, tellPattern } from './pattern.js';

const seed = 20_260_201;

describe('parsePattern', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'Abc', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['*b*', 'abc', true],
    ['*b*', 'ac', false],
    ['a**c', 'abc', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*\n*c', 'ab\nbc', true],
    ['a.c', 'abc', false],
    ['a?c', 'abc', false],
    ['[a]', 'a', false],
    ['(a', '(a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\**', 'a*bc', true],
    ['a\\**', 'abc', false],
    ['\\!a', '!a', true],
    ['a!b', 'a!b', true],
    ['a\\!b', 'a!b', true],
    ['a\\b', 'a\\b', true],
    ['a\\\\b', 'a\\b', true],
    ['a\\\\b', 'a\\\\b', false],
    ['C:\\Reports\\\\*', 'C:\\Reports\\daily.exe', true],
    ['C:\\Reports\\*', 'C:\\Reports\\daily.exe', false],
    ['C:\\Reports\\*', 'C:\\Reports*', true],
    ['\\\\\\*', '\\*', true],
    ['\\\\\\\\share\\\\*', '\\\\share\\x', true],
    ['a\\\\', 'a\\', true],
    ['a\\', 'a\\', true],
    ['*\u{1f600}*', 'x\u{1f600}y', true],
  ])('%j against %j is %j', (text, value, expected) => {
    expect(parsePattern(text)?.matches(value)).toBe(expected);
  });

  it.each([
    ['!a', true, 'a'],
    ['!!a', true, '!a'],
    ['!\\!a', true, '!a'],
    ['!\\*', true, '*'],
    ['\\!a', false, '!a'],
    ['a', false, 'a'],
  ])('%j excludes: %j, and matches %j', (text, excludes, value) => {
    const pattern = parsePattern(text);
    expect(pattern?.excludes).toBe(excludes);
    expect(pattern?.matches(value)).toBe(true);
  });

  it.each(['', '!'])('%j is nothing to match', (text) => {
    expect(parsePattern(text)).toBeNull();
  });

  it.each([
    ['a', true],
    ['*a', true],
    ['*7*', true],
    ['*é', true],
    ['.', true],
    ['\\*', true],
    ['*', false],
    ['**', false],
    ['*.*', false],
    ['*:*', false],
    ['*.*.*.*', false],
    ['*_*', false],
    ['* *', false],
  ])('%j says something about what it matches: %j', (text, restricts) => {
    expect(parsePattern(text)?.restricts).toBe(restricts);
  });

  it.each([
    ['a', 'a'],
    ['a\\*', 'a*'],
    ['a*', null],
  ])('%j names one thing: %j', (text, literal) => {
    expect(parsePattern(text)?.literal).toBe(literal);
  });

  it('matches what the plain regular expression of it matches', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '!', '\\', '.', '\n', '(', '\u{1f600}'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(letters, letters, (text, value) => {
        const pattern = parsePattern(text);
        fc.pre(pattern !== null);
        expect(pattern.matches(value)).toBe(naive(text).test(value));
      }),
      { seed, numRuns: 5000 },
    );
  });

  it('matches a value made from the pattern itself', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*', '!', '\\'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 5 }), (pairs) => {
        const text = pairs.map(([left]) => left.replaceAll(/[*!\\]/g, (star) => `\\${star}`)).join('*');
        const value = pairs.map(([left, right], at) => (at === pairs.length - 1 ? left : left + right)).join('');
        fc.pre(text !== '');
        expect(parsePattern(text)?.matches(value)).toBe(true);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('takes no longer than the value is long, whatever the pattern', () => {
    const pattern = parsePattern('*a'.repeat(100) + '*b');
    const started = performance.now();
    expect(pattern?.matches('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('tellPattern', () => {
  it.each([
    ['app_*', 'app_*'],
    ['!app_*', 'app_*'],
    ['C:\\Reports\\\\*', '"C:\\Reports\\" *'],
    ['!C:\\Reports\\*', 'exactly "C:\\Reports*"'],
    ['*\\**', '* "*" *'],
  ])('%j is told as %j', (text, told) => {
    const pattern = parsePattern(text);
    expect(pattern && tellPattern(pattern)).toBe(told);
  });
});

describe('misreadBackslashes', () => {
  it.each([
    ['D:\\Batch\\*', true],
    ['!D:\\Batch\\*', true],
    ['D:\\*', true],
    ['D:\\Batch\\*\\run.exe', true],
    ['\\\\server\\share\\app.exe', true],
    ['\\\\server\\*', true],
    ['D:\\Batch\\\\*', false],
    ['D:\\Batch\\run.exe', false],
    ['\\\\\\\\server\\share\\\\*', false],
    ['DOMAIN\\sue', false],
    ['5\\*', false],
    ['a*', false],
  ])('%j: %j', (text, expected) => {
    expect(misreadBackslashes(text) !== null).toBe(expected);
  });
});

function naive(text: string): RegExp {
  const body = (text.startsWith('!') ? text.slice(1) : text).replaceAll(
    /\\([*!\\])|(\*)|([^])/g,
    (_whole, escaped: string | undefined, star: string | undefined, other: string | undefined) => {
      if (star !== undefined) return '[^]*';
      return (escaped ?? other ?? '').replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
    },
  );
  return new RegExp(`^${body}$`);
}
