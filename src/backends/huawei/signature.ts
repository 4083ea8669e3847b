import { createHmac, hash } from 'node:crypto';
import type { Clock } from '../../core/model/clock.js';
import type { Exchange, Wrap } from '../../transport/exchange.js';
import { isUnauthenticated } from './iam.token.js';

/** A permanent access key, or a temporary one, which has a security token. */
export interface AccessKey {
  readonly access: string;
  readonly secret: string;
  readonly securityToken: string | null;
}

/** What is signed: exactly these headers, by their lower-case names, and these bytes. */
export type Signable = Pick<Exchange, 'method' | 'url' | 'headers' | 'body'>;

const algorithm = 'SDK-HMAC-SHA256';

/**
 * Signs every attempt afresh, for the time at which it is sent. An answered 401 is final, since five of them lock the
 * key: it is read again for the next call.
 */
export function accessKeyWrap(
  key: () => AccessKey,
  clock: Clock,
  reread: () => Promise<unknown> = () => Promise.resolve(),
): Wrap {
  return (next) => async (exchange, call) => {
    const { access, secret, securityToken } = key();
    const headers = {
      ...exchange.headers,
      'x-sdk-date': sdkDate(clock.now()),
      ...(securityToken === null ? {} : { 'x-security-token': securityToken }),
    };
    const signed = { ...signable(headers), host: new URL(exchange.url).host };
    const authorization = authorizationOf({ ...exchange, headers: signed }, access, secret);
    try {
      return await next({ ...exchange, headers: { ...headers, authorization } }, call);
    } catch (thrown) {
      if (isUnauthenticated(thrown)) await reread();
      throw thrown;
    }
  };
}

/** What nobody on the way rewrites. */
function signable(headers: Exchange['headers']): Exchange['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-')),
  );
}

function sdkDate(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

/**
 * API Signing Guide, "Signing algorithm": the value of the header Authorization. `x-sdk-date` must be among the
 * headers.
 */
export function authorizationOf(request: Signable, access: string, secret: string): string {
  const names = Object.keys(request.headers).toSorted();
  const toSign = `${algorithm}\n${request.headers['x-sdk-date'] ?? ''}\n${sha256(canonicalRequest(request, names))}`;
  const signature = createHmac('sha256', secret).update(toSign).digest('hex');
  return `${algorithm} Access=${access}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
}

function canonicalRequest({ method, url, headers, body }: Signable, names: readonly string[]): string {
  const { pathname, search } = new URL(url);
  return [
    method,
    canonicalPath(pathname),
    canonicalQuery(search.slice(1)),
    names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    sha256(body ?? ''),
  ].join('\n');
}

/** It ends in a slash here, and only here. */
function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

/**
 * Ordered by name, then by value, before they are encoded and joined: `time` comes before `time1`, whatever they are.
 */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))] as const;
    })
    .toSorted((left, right) => order(left[0], right[0]) || order(left[1], right[1]))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

function order(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** All but letters, digits and `-_.~`. */
function encode(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return hash('sha256', text);
}
