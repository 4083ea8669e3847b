import { describe, expect, it } from '@jest/globals';
import { addressOf } from './address.js';

describe('an address', () => {
  it.each([
    'https://gateway.example/gw.k?api=flushpool&pswd=a%20b%26c',
    'HTTPS://Gateway.Example:443/gw.k?x=1',
    'http://127.0.0.1:8080/v3/p/instances/i/nodes/n/processes',
    'http://127.1/v3/x',
    'https://[::1]:8443/a/b',
    'https://host',
    'https://host?x=1',
    'https://host/',
    'https://host/a/../b/./c',
    'https://host/a/%2E%2e/b',
    'https://host/a/.hidden',
    'https://host/a b?c d',
    "https://host/a?quote='",
    'https://host/a?b=../c',
    'https://host/a?b#fragment',
    'https://host\\a\\b',
    'https://host/a\\b',
    'https://user@host/a',
    'https://host/\u00e9?\u00e9',
    'https://host/a|b',
    'https://host/a^b`c{d}',
    'https://host//a',
  ])('has the parts that the parser of URLs gives: %s', (url) => {
    const { origin, pathname, search } = new URL(url);
    expect([addressOf(url), addressOf(url)]).toEqual(Array(2).fill({ origin, path: pathname + search }));
  });

  it.each(['', 'host/a', 'https://a:b:c/d', 'https://a b/c'])(
    'is refused where the parser of URLs refuses it: %s',
    (url) => {
      expect(() => addressOf(url)).toThrow('Invalid URL');
    },
  );
});
