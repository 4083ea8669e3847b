import { describe, expect, it } from '@jest/globals';
import { plausibleSeconds, secondsBetween, withinAge } from './durations.js';

const now = Date.UTC(2026, 10, 30);

describe('what no clock can say', () => {
  it.each<[number | null, number | null]>([
    [0, 0],
    [3000, 3000],
    [315_576_000, 315_576_000],
    [315_576_001, null],
    [2_147_483_647, null],
    [4_294_967_295, null],
    [-1, null],
    [null, null],
  ])('%j seconds are %j', (seconds, expected) => {
    expect(plausibleSeconds(seconds)).toBe(expected);
  });

  it.each<[number, number | null]>([
    [now, 0],
    [now - 1500, 1],
    [now + 30_000, 0],
    [now + 61_000, null],
    [Date.UTC(2016, 11, 1), 315_446_400],
    [Date.UTC(2016, 10, 1), null],
    [Date.UTC(2000, 11, 31), null],
    [0, null],
    [-1, null],
    [NaN, null],
    [Infinity, null],
  ])('a moment at %j is %j seconds ago', (since, expected) => {
    expect(secondsBetween(since, now)).toBe(expected);
  });

  it.each<[number | null, number | null, number | null]>([
    [5, 10, 5],
    [10, 10, 10],
    [11, 10, 11],
    [12, 10, null],
    [12, null, 12],
    [null, 10, null],
  ])('%j seconds of a life of %j are %j', (seconds, age, expected) => {
    expect(withinAge(seconds, age)).toBe(expected);
  });
});
