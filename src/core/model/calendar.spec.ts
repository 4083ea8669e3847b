import { describe, expect, it } from '@jest/globals';
import { momentOf } from './calendar.js';

describe('momentOf', () => {
  it.each([
    ['2026-02-28T00:00:00Z', Date.UTC(2026, 1, 28)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2026-11-30T21:00:00.701000Z', Date.UTC(2026, 10, 30, 21, 0, 0, 701)],
    ['2026-11-30T21:00:00+01:00', Date.UTC(2026, 10, 30, 20)],
    ['2026-02-29T00:00:00Z', NaN],
    ['2026-02-30T00:00:00+01:00', NaN],
    ['2026-04-31T10:00:00Z', NaN],
    ['2026-13-01T00:00:00Z', NaN],
    ['2026-00-10T00:00:00Z', NaN],
    ['2026-01-01T24:00:00Z', NaN],
    ['2026-01-01T23:59:60Z', NaN],
    ['2026-01-01T23:60:00Z', NaN],
    ['2026-01-01', NaN],
    ['', NaN],
  ])('%j is %j', (text, expected) => {
    expect(momentOf(text)).toBe(expected);
  });
});
