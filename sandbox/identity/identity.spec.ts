import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { Faults } from '../frame/faults.ts';
import { Journal } from '../frame/journal.ts';
import { startIdentity } from './identity.ts';
import type { Identity } from './identity.ts';

const now = Date.UTC(2024, 0, 31, 8);
const clock = () => now;

let journal: Journal;
let identity: Identity;

beforeEach(async () => {
  journal = new Journal(clock);
  identity = await startIdentity({ journal, faults: new Faults() }, clock);
});

afterEach(() => identity.close());

async function published(): Promise<JSONWebKeySet> {
  return (await (await fetch(identity.jwks)).json()) as JSONWebKeySet;
}

async function verified(token: string) {
  const keys = createLocalJWKSet(await published());
  return jwtVerify(token, keys, { issuer: identity.issuer, audience: 'sluice', currentDate: new Date(now) });
}

describe('the identity server', () => {
  it.each(['RS256', 'ES256'] as const)('signs by %s what its published keys verify', async (algorithm) => {
    const token = await identity.token({ sub: 'sue', groups: ['dba'], algorithm });
    const { payload, protectedHeader } = await verified(token);
    const seconds = now / 1000;
    const claims = {
      iss: identity.issuer,
      sub: 'sue',
      groups: ['dba'],
      aud: 'sluice',
      iat: seconds,
      exp: seconds + 300,
    };
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg: algorithm, kid: `${algorithm.toLowerCase()}-1`, typ: 'JWT' });
  });

  it('publishes no private key', async () => {
    const { keys } = await published();
    expect(keys.map(({ alg, use }) => [alg, use])).toEqual([
      ['RS256', 'sig'],
      ['ES256', 'sig'],
    ]);
    for (const key of keys) expect(Object.keys(key)).not.toContain('d');
    expect(journal.of('jwks', 'identity')).toHaveLength(1);
  });

  it('says whatever it is told to', async () => {
    const token = await identity.token({
      sub: 'sue',
      audience: ['a', 'b'],
      expiresIn: -1,
      iss: 'https://elsewhere/',
      iat: undefined,
      nbf: 7,
      header: { kid: 'other' },
    });
    const exp = now / 1000 - 1;
    expect(decodeJwt(token)).toEqual({ iss: 'https://elsewhere/', sub: 'sue', aud: ['a', 'b'], exp, nbf: 7 });
    expect(decodeProtectedHeader(token).kid).toBe('other');
  });

  it('rotates its keys', async () => {
    const before = await identity.token();
    await identity.rotate();
    await expect(verified(before)).rejects.toThrow('no applicable key');
    expect(decodeProtectedHeader(await identity.token()).kid).toBe('rs256-2');
    await verified(await identity.token());
  });

  it('has nothing else', async () => {
    expect((await fetch(identity.issuer)).status).toBe(404);
    expect((await fetch(identity.jwks, { method: 'POST' })).status).toBe(405);
  });
});
