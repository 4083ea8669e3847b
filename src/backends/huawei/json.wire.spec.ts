import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasDigits } from './json.wire.js';

describe('digits in a row', () => {
  it('are found wherever a regular expression finds them', () => {
    const digits = fc.stringMatching(/^\d{1,20}$/);
    const between = fc.constantFrom('', '.', ',', '"', '-', 'é', '/', ':');
    const text = fc.array(fc.tuple(digits, between), { maxLength: 12 }).map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(text, (value) => {
        expect(hasDigits(value, 16)).toBe(/\d{16}/.test(value));
      }),
      { numRuns: 5000 },
    );
  });
});
