import { expect, it } from '@jest/globals';
import { grantOf } from './grants.js';

const matches = (target: string, ...targets: string[]) => grantOf({ role: 'viewer', targets }).matches(target);

it.each([
  ['*', 'bi-pool', true],
  ['**', 'bi-pool', true],
  ['bi-pool', 'bi-pool', true],
  ['bi-pool', 'bi-pools', false],
  ['bi-pool', 'a-bi-pool', false],
  ['bi-pool', 'BI-POOL', false],
  ['bi-*', 'bi-', true],
  ['bi-*', 'bi', false],
  ['bi-*', 'abi-x', false],
  ['*-pool', 'bi-pool', true],
  ['*-pool', 'bi-pool-2', false],
  ['b*-*l', 'bi-pool', true],
  ['bi*bi', 'bi', false],
  ['bi.pool', 'bi-pool', false],
  ['bi.*', 'bi-pool', false],
  ['bi.*', 'bi.pool', true],
  ['*-*-*-*-*-*-*-x', '-'.repeat(256), false],
])('%s covers %s: %s', (glob, target, covered) => {
  expect(matches(target, glob)).toBe(covered);
});

it('covers what any of its globs covers', () => {
  expect(['a', 'b-1', 'c'].map((target) => matches(target, 'a', 'b-*'))).toEqual([true, true, false]);
});

it('shows statements only where it says so', () => {
  const grants = [{}, { statements: false }, { statements: true }].map((more) =>
    grantOf({ role: 'admin', targets: ['*'], ...more }),
  );
  expect(grants.map(({ statements }) => statements)).toEqual([false, false, true]);
});
