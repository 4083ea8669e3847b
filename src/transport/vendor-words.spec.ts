import { describe, expect, it } from '@jest/globals';
import { vendorWords } from './vendor-words.js';

const secret = 'Own&er "pass" \\ 100%+ü';
const token = 'MIIabcdefghijklmnopqrstuvwxyz0123456789/+';

describe('the words of a vendor', () => {
  it.each([
    ['as it is', secret],
    ['in an address', encodeURIComponent(secret)],
    ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['in an address with small digits', encodeURIComponent(secret).replaceAll(/%../g, (one) => one.toLowerCase())],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
  ])('are told without a secret %s', (_how, spelled) => {
    expect(vendorWords(`The password ${spelled} is wrong`, [secret])).toBe('The password [secret] is wrong');
  });

  it.each(['', 'a', 'ab', 'user:'])('are told without a secret in base64 after "%s"', (before) => {
    const whole = Buffer.from(`${before}${secret}`);
    for (const encoding of ['base64', 'base64url'] as const) {
      expect(vendorWords(`Basic ${whole.toString(encoding)}.`, [secret])).toMatch(/^Basic \w{0,7}\[secret\].{0,3}\.$/);
    }
  });

  it('are told without the beginning of a long secret', () => {
    expect(vendorWords(`decrypt ${token.slice(0, 20)}… fail, ${token}`, [token])).toBe(
      'decrypt [secret]… fail, [secret]',
    );
  });

  it('are told without credentials that Sluice does not know', () => {
    expect(vendorWords('POST /gw.k?api=login&pswd=abc&sid=7 is refused', [])).toBe(
      'POST /gw.k?api=login&pswd=[secret]&sid=[secret] is refused',
    );
  });

  it('are told without the canonical request of a signature', () => {
    expect(vendorWords('verify fail, canonicalRequest:GET|/v3|x', [])).toBe('verify fail, canonicalRequest:[removed]');
  });

  it('are cut, and on one line', () => {
    expect(vendorWords(`a\r\n\u0000b`, [])).toBe('a b');
    expect(vendorWords('x'.repeat(501), [])).toBe(`${'x'.repeat(499)}…`);
    expect(vendorWords('plain', ['', 'other'])).toBe('plain');
  });
});
