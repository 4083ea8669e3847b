import { describe, expect, it } from '@jest/globals';
import { vendorWord, vendorWords } from './vendor-words.js';

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

const password = 'p&ss"w+rd%/<ü';
const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const numbered = (text: string) => Array.from(text, (one) => `&#${String(one.codePointAt(0))};`).join('');
const hexed = (text: string) => Array.from(text, (one) => `&#X${one.codePointAt(0)!.toString(16)}`).join('');
const percent = (text: string) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join('');
const latin = (text: string) => Array.from(Buffer.from(text, 'latin1'), (byte) => `%${byte.toString(16)}`).join('');
const escaped = (text: string) =>
  text.replaceAll(/\W/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe('a secret that a vendor encodes', () => {
  it.each([
    ['in HTML', html(password)],
    ['in HTML, twice', html(html(password))],
    ['in HTML, character by character', numbered(password)],
    ['in HTML, in hexadecimal digits and without semicolons', hexed(password)],
    ['by percent signs, all of it', percent(password)],
    ['by percent signs, twice', encodeURIComponent(encodeURIComponent(password))],
    ['by percent signs of Latin 1', latin(password)],
    ['in part', password.replace('&', '%26')],
    ['by \\u', escaped(password)],
    ['by \\u in a string within a string', JSON.stringify(escaped(password)).slice(1, -1)],
    ['in HTML, in an address', encodeURIComponent(html(password))],
    ['by \\u, in HTML', html(escaped(password)).replaceAll('\\', '&#92;')],
    ['too often', Array.from({ length: 12 }).reduce<string>(encodeURIComponent, password)],
  ])('%s is not told, nor what stands around it', (_how, spelled) => {
    expect(vendorWords(`The password ${spelled} is wrong`, [password])).toBe('[secret]');
    expect(vendorWord(`id-${spelled}`, [password])).toBeNull();
  });

  it('is not told by its beginning', () => {
    expect(vendorWords(`decrypt ${percent(token.slice(0, 16))}… fail`, [token])).toBe('[secret]');
    expect(vendorWord(token.slice(0, 16), [token])).toBeNull();
  });

  it('is looked for in no more than that: other escapes are told as they stand', () => {
    const words = 'Use a &lt;name&gt;, 100%25 of \\u0041+b';
    expect(vendorWords(words, [password])).toBe(words);
    expect(vendorWord('req-7%26', [password])).toBe('req-7%26');
    expect(vendorWord(password, [password])).toBeNull();
    expect(vendorWord(null, [password])).toBeNull();
  });
});
