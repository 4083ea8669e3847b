import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.js';

const read = (value: string): number | undefined => retryAfterMs({ 'retry-after': value }).retryAfterMs;

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['2', 2000],
    [' 120 ', 120_000],
    ['999999999', 999_999_999_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
  ])('reads %j as %d', (value, expected) => {
    expect(read(value)).toBe(expected);
  });

  it('reads a date to come as the time until then', () => {
    const wait = read(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
    expect(wait).toBeGreaterThan(50_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  it.each([
    '',
    ' ',
    '-1',
    '2.5',
    '1e3',
    'soon',
    '12345678901',
    'Someday, 99',
    '2026-01-01',
    'Mon, 30 Feb 2099 10:00:00 GMT',
  ])('takes nothing from %j', (value) => {
    expect(retryAfterMs({ 'retry-after': value })).toEqual({});
  });

  it('takes nothing from an answer without the header', () => {
    expect(retryAfterMs({})).toEqual({});
  });
});
