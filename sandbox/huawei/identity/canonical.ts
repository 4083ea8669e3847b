import { createHash, createHmac } from 'node:crypto';
import type { Arrived } from '../../exchange.ts';

/** The parts of an `Authorization: SDK-HMAC-SHA256 …` header. */
export interface Signed {
  readonly access: string;
  readonly headers: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION = /^SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/** The parts of the header, or undefined if it is not of the scheme. */
export function parseAuthorization(value: string): Signed | undefined {
  const [, access, headers, signature] = AUTHORIZATION.exec(value) ?? [];
  if (access === undefined || headers === undefined || signature === undefined) return undefined;
  return { access, headers: headers.toLowerCase().split(';'), signature };
}

/** What the client has to have signed, from the request as it arrived. */
export function canonicalRequest(arrived: Arrived, signedHeaders: readonly string[]): string {
  const names = [...signedHeaders].sort();
  const headers = names.map((name) => `${name}:${headerText(arrived, name)}\n`).join('');
  const payload = headerText(arrived, 'x-sdk-content-sha256') || sha256(arrived.body);
  return [
    arrived.method.toUpperCase(),
    canonicalPath(arrived.path),
    canonicalQuery(arrived.query),
    headers,
    names.join(';'),
    payload,
  ].join('\n');
}

/** The signature that a holder of the secret key makes of a canonical request. */
export function signatureOf(secretKey: string, sdkDate: string, canonical: string): string {
  const toSign = `SDK-HMAC-SHA256\n${sdkDate}\n${sha256(canonical)}`;
  return createHmac('sha256', secretKey).update(toSign).digest('hex');
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A header's trimmed value, empty if it is absent. */
export function headerText(arrived: Arrived, name: string): string {
  const value = arrived.headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
}

function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return { name: decode(name.replaceAll('+', ' ')), value: decode(value.replaceAll('+', ' ')) };
    })
    .sort((left, right) => order(left.name, right.name) || order(left.value, right.value))
    .map(({ name, value }) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

function order(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
