import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Failure } from '../../core/model/failure.js';
import { isSigned, Tokens } from './tokens.js';

const issuer = 'https://id.example.com/';
let server: Server;
let url: string;
let asked = 0;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let body: () => Promise<string>;

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  body = async () => JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'a', alg: 'ES256' }] });
  server = createServer((_request, response) => {
    asked += 1;
    void body().then((text) => response.end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
});

afterAll(() => {
  server.close();
});

const config = (more: object = {}, claim: string | string[] = 'realm_access.roles', path = '') => ({
  ...{ issuer, audience: 'sluice', jwksUrl: url + path, ...more },
  grants: [{ role: 'operator' as const, targets: ['*'], claim, value: 'dba' }],
});

function sign(claims: JWTPayload, header: object = {}): Promise<string> {
  return new SignJWT({ sub: 'sue', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'a', ...header })
    .setIssuer(issuer)
    .setAudience('sluice')
    .sign(keys.privateKey);
}

const grantsOf = async (tokens: Tokens, token: string): Promise<number> =>
  (await tokens.callerOf(token, Date.now())).grants.length;

const failureOf = (tokens: Tokens, token: string): Promise<unknown> =>
  tokens.callerOf(token, Date.now()).catch((thrown: unknown) => thrown);

describe('a claim', () => {
  it.each<[string, string | string[], JWTPayload, number]>([
    ['by a path', 'realm_access.roles', { realm_access: { roles: ['dba'] } }, 1],
    ['by a list of names', ['resource.access', 'roles'], { 'resource.access': { roles: ['dba'] } }, 1],
    ['by a name that holds dots', 'https://id.example.com/roles', { 'https://id.example.com/roles': 'dba' }, 1],
    ['by a name', 'groups', { groups: ['dba'] }, 1],
    ['that holds something else', 'realm_access.roles', { realm_access: { roles: ['viewer'] } }, 0],
    ['that leads nowhere', 'realm_access.roles', { realm_access: 'dba' }, 0],
    ['that every object has', 'constructor.name', { realm_access: 'dba' }, 0],
  ])('%s grants what it should', async (_name, claim, claims, count) => {
    expect(await grantsOf(new Tokens([config({}, claim)]), await sign(claims))).toBe(count);
  });
});

describe('a token', () => {
  it('of another type is refused where an issuer states one', async () => {
    const tokens = new Tokens([config({ typ: 'at+jwt' })]);
    expect((await tokens.callerOf(await sign({}, { typ: 'at+jwt' }), Date.now())).name).toBe(`${issuer}#sue`);
    const thrown = await failureOf(tokens, await sign({}, { typ: 'id+jwt' }));
    expect(thrown).toMatchObject({
      kind: 'unauthenticated',
      message: 'The token is not valid: it is of another type.',
    });
    expect(isSigned(thrown)).toBe(true);
  });

  it('has a leeway of 30 seconds, or what is configured', async () => {
    const late = await sign({ exp: Math.floor(Date.now() / 1000) - 20 });
    expect(await failureOf(new Tokens([config()]), late)).not.toBeInstanceOf(Failure);
    const thrown = await failureOf(new Tokens([config({ leewaySeconds: 5 })]), late);
    expect(thrown).toMatchObject({ message: 'The token has expired.' });
    expect(isSigned(thrown)).toBe(true);
  });

  it('whose signature does not hold is a guess', async () => {
    const forged = `${(await sign({})).split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`;
    const thrown = await failureOf(new Tokens([config()]), forged);
    expect([thrown instanceof Failure, isSigned(thrown)]).toEqual([true, false]);
  });
});

describe('the keys of an issuer', () => {
  it('are taken over by the next configuration', async () => {
    const before = new Tokens([config()]);
    await grantsOf(before, await sign({}));
    const seen = asked;
    await grantsOf(new Tokens([config({ leewaySeconds: 1 })], before), await sign({}));
    expect(asked).toBe(seen);
  });

  it('are given up where they are too large', async () => {
    const small = body;
    body = () => Promise.resolve(`{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`);
    const thrown = await failureOf(new Tokens([config()]), await sign({}));
    body = small;
    expect(thrown).toMatchObject({ kind: 'upstream-unavailable' });
  });
});
