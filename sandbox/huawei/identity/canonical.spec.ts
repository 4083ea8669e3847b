import { describe, expect, it } from '@jest/globals';
import type { Arrived } from '../../exchange.ts';
import { canonicalRequest, parseAuthorization, sha256, signatureOf } from './canonical.ts';

function arrived(parts: Partial<Arrived>): Arrived {
  return { method: 'GET', path: '/', query: '', headers: {}, body: Buffer.alloc(0), ...parts };
}

describe('the canonical request', () => {
  it('gives the published hash and signature of the signing guide', () => {
    const request = arrived({
      path: '/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs',
      query: 'limit=2&marker=13551d6b-755d-4757-b956-536f674975c0',
      headers: {
        'content-type': 'application/json',
        host: 'service.region.example.com',
        'x-sdk-date': '20191115T033655Z',
      },
    });
    const canonical = canonicalRequest(request, ['content-type', 'host', 'x-sdk-date']);
    expect(sha256(canonical)).toBe('b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a');
    expect(signatureOf('MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc', '20191115T033655Z', canonical)).toBe(
      '7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
    );
  });

  it.each([
    ['GET', 'limit=1', '', '5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624'],
    [
      'POST',
      'key=value',
      '{"Name":"test","Id":1}\n',
      'cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59',
    ],
  ])('gives the published signature of a %s with %s', (method, query, body, signature) => {
    const headers = { 'x-sdk-date': '20060102T150405Z' };
    const request = arrived({ method, path: '/path', query, headers, body: Buffer.from(body) });
    const canonical = canonicalRequest(request, ['x-sdk-date']);
    expect(signatureOf('SecretKey', '20060102T150405Z', canonical)).toBe(signature);
  });

  it('sorts and re-encodes the query, trims headers and encodes the path', () => {
    const request = arrived({
      path: '/a%20b/c~d!',
      query: 'b=2&a=&b=1&c&A=%2f',
      headers: { 'x-sdk-date': ' 1 ' },
    });
    expect(canonicalRequest(request, ['x-sdk-date']).split('\n').slice(0, 4)).toEqual([
      'GET',
      '/a%20b/c~d%21/',
      'A=%2F&a=&b=1&b=2&c=',
      'x-sdk-date:1',
    ]);
  });

  it('takes the literal payload hash of a request that brings one', () => {
    const request = arrived({ headers: { 'x-sdk-content-sha256': 'UNSIGNED-PAYLOAD' }, body: Buffer.from('x') });
    expect(canonicalRequest(request, ['x-sdk-content-sha256']).split('\n').at(-1)).toBe('UNSIGNED-PAYLOAD');
  });
});

describe('the Authorization header', () => {
  const signature = 'a'.repeat(64);

  it('is read into its parts', () => {
    expect(
      parseAuthorization(`SDK-HMAC-SHA256 Access=AK, SignedHeaders=Host;x-sdk-date, Signature=${signature}`),
    ).toEqual({
      access: 'AK',
      headers: ['host', 'x-sdk-date'],
      signature,
    });
  });

  it.each([
    '',
    'Bearer x',
    `SDK-HMAC-SHA256 Access=AK, Signature=${signature}`,
    'SDK-HMAC-SHA256 Access=AK, SignedHeaders=a, Signature=b',
  ])('is unknown in the form %j', (value) => {
    expect(parseAuthorization(value)).toBeUndefined();
  });
});
