import { constants, createHmac, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { bytesOf, type Written } from './attacked-gateway.ts';

/** A token that must open nothing, as the corpus tells it. */
export interface TokenVector {
  readonly name: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Instead of claims. */
  readonly payload?: Written;
  readonly by?: string;
  readonly form?: string;
  /** 401 by default. */
  readonly status?: number;
}

export const issuer = 'https://issuer.example/';

const rsaPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs: Readonly<Record<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>> = {
  rsa: rsaPair(),
  rsa2: rsaPair(),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  stranger: rsaPair(),
  retired: rsaPair(),
};

const jwkOf = (name: string) => pairs[name]!.publicKey.export({ format: 'jwk' });

/** What the issuer publishes. */
export const published = {
  keys: ['rsa', 'rsa2', 'ec', 'p384'].map((kid) => ({ ...jwkOf(kid), kid, use: 'sig' })),
};

const hmac = (input: Buffer, key: string | Buffer, hash = 'sha256') => createHmac(hash, key).update(input).digest();
const spki = (format: 'pem' | 'der') => pairs['rsa']!.publicKey.export({ type: 'spki', format }) as string | Buffer;
const rsa = (name: string, input: Buffer, hash = 'sha256') => sign(hash, input, pairs[name]!.privateKey);
const ec = (name: string, input: Buffer, dsaEncoding: 'der' | 'ieee-p1363') =>
  sign('sha256', input, { key: pairs[name]!.privateKey, dsaEncoding });

const signers: Readonly<Record<string, (input: Buffer) => Buffer>> = {
  nobody: () => Buffer.alloc(0),
  rsa: (input) => rsa('rsa', input),
  stranger: (input) => rsa('stranger', input),
  retired: (input) => rsa('retired', input),
  'rsa-512': (input) => rsa('rsa', input, 'sha512'),
  'rsa-pss': (input) =>
    sign('sha256', input, {
      key: createPrivateKey(pairs['rsa']!.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    }),
  'rsa-short': (input) => rsa('rsa', input).subarray(0, 200),
  ec: (input) => ec('ec', input, 'ieee-p1363'),
  'ec-der': (input) => ec('ec', input, 'der'),
  p384: (input) => ec('p384', input, 'ieee-p1363'),
  'hmac-pem': (input) => hmac(input, spki('pem')),
  'hmac-der': (input) => hmac(input, spki('der')),
  'hmac-jwk': (input) => hmac(input, JSON.stringify(jwkOf('rsa'))),
  'hmac-n': (input) => hmac(input, Buffer.from(jwkOf('rsa').n ?? '', 'base64url')),
  'hmac-empty': (input) => hmac(input, ''),
  zeros: () => Buffer.alloc(256),
  'zeros-64': () => Buffer.alloc(64),
};

/** What the corpus writes in place of a value. */
function filledIn(name: string, value: unknown): unknown {
  if (name === 'jwk' && typeof value === 'string') return jwkOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('now' in value) return Math.floor(Date.now() / 1000) + Number(value.now);
  return 'repeat' in value ? bytesOf(value as Written).toString() : value;
}

function members(good: object, changes: Readonly<Record<string, unknown>> = {}): object {
  const all = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(all.map(([name, value]) => [name, filledIn(name, value)]));
}

/** The token that a vector tells of; a good one if it tells of nothing. */
export function tokenOf({ header, claims, payload, by = 'rsa', form = 'h.p.s' }: Omit<TokenVector, 'name'>): string {
  const now = { iat: { now: 0 }, exp: { now: 600 } };
  const h = Buffer.from(JSON.stringify(members({ alg: 'RS256', kid: 'rsa', typ: 'JWT' }, header))).toString(
    'base64url',
  );
  const good = { iss: issuer, aud: 'sluice', sub: 'sue', groups: ['dba'], ...now };
  const p = (payload === undefined ? Buffer.from(JSON.stringify(members(good, claims))) : bytesOf(payload)).toString(
    'base64url',
  );
  const signer = signers[by];
  if (!signer) throw new Error(`Nobody is called ${by}.`);
  const signature = signer(Buffer.from(`${h}.${p}`));
  const s = signature.toString('base64url');
  // Only letters that stand for a part: a word of a form has several in a row.
  return form.replaceAll(
    /(?<![A-Za-z])[hps](?![a-z])|S/g,
    (part) => ({ h, p, s, S: signature.toString('base64') })[part] ?? '',
  );
}
