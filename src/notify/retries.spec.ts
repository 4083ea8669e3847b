import { expect, it } from '@jest/globals';
import { pauseAfter } from './retries.js';

const seconds = (attempts: number, random = 0.5): number => Math.round(pauseAfter(attempts, random) / 1000);

it('waits for 5 s at first, and ever longer, up to 4 h', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 99].map((attempts) => seconds(attempts))).toEqual([
    5, 30, 120, 600, 1800, 3600, 7200, 14_400, 14_400, 14_400,
  ]);
});

it('waits a fifth less or more, so that not all come at once', () => {
  expect([seconds(2, 0), seconds(2, 1)]).toEqual([24, 36]);
});

it('waits for as long as it is told, but no longer than 4 h', () => {
  expect(pauseAfter(1, 0.5, 60_000)).toBe(60_000);
  expect(pauseAfter(3, 0.5, 60_000)).toBe(120_000);
  expect(pauseAfter(1, 0.5, Infinity)).toBe(4 * 3_600_000);
});
