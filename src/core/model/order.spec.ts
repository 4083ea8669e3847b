import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareBy, compareIds, comparePositions, compareText } from './order.js';
import type { Process } from './process.js';
import { nobody } from './spec-process.js';

const seed = 20_260_203;

describe('compareIds', () => {
  it.each([
    ['2', '10'],
    ['9', '10.0.0.1:1'],
    ['9007199254740992', '9007199254740993'],
    ['9223372036854775806', '9223372036854775807'],
    ['99999999999999999999', '100000000000000000000'],
    ['07', '7'],
    ['7', '08'],
    ['7', 'a'],
    ['a', 'b'],
    ['B', 'a'],
    ['10.0.0.10:1', '10.0.0.9:1'],
    ['', 'a'],
    ['5', ''],
    ['5', '-1'],
  ])('%j comes before %j', (left, right) => {
    expect(compareIds(left, right)).toBeLessThan(0);
    expect(compareIds(right, left)).toBeGreaterThan(0);
  });

  const id = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 80n }).map(String),
    fc.nat(20).map((number) => number.toString().padStart(3, '0')),
    fc.nat(20).map(String),
    fc.string({ maxLength: 3 }),
    fc.constantFrom('10.0.0.1:1', '10.0.0.1:10', '-1', '1e3'),
  );

  it('is a total order', () => {
    fc.assert(
      fc.property(id, id, id, (a, b, c) => {
        expect(Math.sign(compareIds(a, b))).toBe(0 - Math.sign(compareIds(b, a)));
        expect(compareIds(a, b) === 0).toBe(a === b);
        const [first, second, third] = [a, b, c].toSorted(compareIds) as [string, string, string];
        expect(compareIds(first, second)).toBeLessThanOrEqual(0);
        expect(compareIds(second, third)).toBeLessThanOrEqual(0);
        expect(compareIds(first, third)).toBeLessThanOrEqual(0);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it('sorts numbers as numbers, however long', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n })), (numbers) => {
        const sorted = numbers.map(String).toSorted(compareIds);
        expect(sorted).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map(String));
      }),
      { seed },
    );
  });
});

describe('comparePositions', () => {
  it('orders by target, then node, then id', () => {
    const positions = [
      { target: 'b', node: null, id: '1' },
      { target: 'a', node: 'n2', id: '1' },
      { target: 'a', node: 'n1', id: '10' },
      { target: 'a', node: 'n1', id: '9' },
      { target: 'B', node: 'n1', id: '99' },
    ];
    expect(positions.toSorted(comparePositions).map(({ target, node, id }) => `${target}/${node ?? ''}/${id}`)).toEqual(
      ['B/n1/99', 'a/n1/9', 'a/n1/10', 'a/n2/1', 'b//1'],
    );
  });

  it('compares text by code unit, whatever the locale', () => {
    expect(['ä', 'z', 'Z', 'a'].toSorted(compareText)).toEqual(['Z', 'a', 'z', 'ä']);
  });
});

describe('compareBy', () => {
  const at = (id: string, idleSeconds: number | null): Process => ({
    ...nobody,
    id,
    idleSeconds,
  });

  it('puts most first, unknown last, and ties in the order of their positions', () => {
    const list = [at('9', 0), at('3', null), at('10', 5), at('2', 5), at('1', 70)];
    expect(list.toSorted(compareBy('idleSeconds')).map(({ id }) => id)).toEqual(['1', '2', '10', '9', '3']);
  });
});
