import { expect, it } from '@jest/globals';
import { decodePosition, encodePosition } from './page-token.js';

it('holds the id after which the next page begins', () => {
  const token = encodePosition('op_0mi8t2k1q3b7c9d2e4f60718a');
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodePosition(token)).toBe('op_0mi8t2k1q3b7c9d2e4f60718a');
});

it.each(['', 'x', 'e30', 'W10', 'bnVsbA', 'WzIsIm9wXzEiXQ', 'WzEsN10', 'InRleHQi'])('is not "%s"', (token) => {
  expect(decodePosition(token)).toBeNull();
});
