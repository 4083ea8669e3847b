import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answer, onRequest, ScriptedServer } from '../scripted-server.ts';
import { demoKeys, problemOf, sha256 } from '../gateway.ts';
import { openAttacked, type Attacked } from './attacked-gateway.ts';
import { dataOf } from './data.ts';
import { issuer, published, tokenOf, type TokenVector } from './signers.ts';

let attacked: Attacked;
let keys: ScriptedServer;

beforeAll(async () => {
  keys = await ScriptedServer.start(
    onRequest(answer(200, JSON.stringify(published), 'Content-Type: application/json')),
  );
  const grants = [{ claim: 'groups', value: 'dba', role: 'admin', targets: ['*'] }];
  attacked = await openAttacked({
    change: ({ auth }) => {
      auth.jwt = [{ issuer, audience: 'sluice', jwksUrl: keys.url('/jwks.json'), grants }];
    },
  });
});

afterAll(async () => {
  await attacked.close();
  await keys[Symbol.asyncDispose]();
});

/** The problem that a caller nobody knows is told, without what differs from call to call. */
async function refusal(headers: Readonly<Record<string, string | string[]>>): Promise<object> {
  const options = { key: null, headers, body: { targets: ['bi-pool'] } };
  const refused = await attacked.call([401], 'POST', '/sessions/flush', options);
  expect(refused.headers['www-authenticate']).toMatch(/Bearer/);
  const { requestId: _id, detail: _detail, ...problem } = problemOf(refused);
  return problem;
}

const constant = { code: 'unauthenticated', status: 401, retryable: false, instance: '/sessions/flush' };
const ask = (token: string) => refusal({ authorization: `Bearer ${token}` });

describe('a token', () => {
  it('that is good is let in', async () => {
    for (const good of [
      {},
      { header: { alg: 'ES256', kid: 'ec' }, by: 'ec' },
      { claims: { aud: ['other', 'sluice'] } },
    ]) {
      const headers = { authorization: `Bearer ${tokenOf(good)}` };
      await attacked.call([200], 'GET', '/targets/bi-pool', { key: null, headers });
    }
  });

  const vectors = dataOf('tokens') as readonly TokenVector[];
  it.each(vectors.map((vector) => [vector.name, vector] as const))('is not let in: %s', async (name, vector) => {
    const { status = 401 } = vector;
    const token = tokenOf(vector);
    const [, , signature = ''] = token.split('.');
    if (signature.length > 20) attacked.keepSecret(`the signature of ${name}`, signature);
    if (status === 401) expect(await ask(token)).toMatchObject(constant);
    else await attacked.call([status], 'GET', '/targets', { key: null, headers: { authorization: `Bearer ${token}` } });
  });

  it('with any of its bits flipped is not let in', async () => {
    const token = Buffer.from(tokenOf({}));
    const flips = Array.from({ length: token.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(token);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return flipped.toString('latin1');
    });
    const sendable = flips.filter((text) => /^[\x21-\x7e\x80-\xff]+$/.test(text));
    expect(sendable.length).toBeGreaterThan(3500);
    for (const flipped of sendable) {
      const headers = { authorization: `Bearer ${flipped}` };
      const { status } = await attacked.gateway.call('GET', '/targets/bi-pool', { key: null, headers });
      if (status !== 401) throw new Error(`It was let in with ${String(status)}: ${flipped}`);
    }
  });

  it('of an unknown key does not make the issuer be asked each time', async () => {
    const before = keys.ledger.length;
    for (let count = 0; count < 300; count += 1) await ask(tokenOf({ header: { kid: `unknown-${count}` } }));
    expect(keys.ledger.length - before).toBeLessThanOrEqual(1);
  });
});

describe('an API key', () => {
  const good = demoKeys.admin;
  const near = Array.from(good).flatMap((character, at) => {
    const put = (text: string) => good.slice(0, at) + text + good.slice(at + 1);
    return [
      put(''),
      put(character + character),
      put(character.toUpperCase() === character ? 'x' : character.toUpperCase()),
    ];
  });
  const cut = Array.from(good, (_, length) => good.slice(0, length));
  const guesses = dataOf('keys') as readonly string[];

  it.each([...guesses, ...near.filter((text) => text !== good), ...cut])('is not guessed: %j', async (guess) => {
    expect(await refusal({ 'x-api-key': guess })).toMatchObject(constant);
    expect(await refusal({ authorization: `Bearer ${guess}` })).toMatchObject(constant);
  });

  it.each([
    { 'x-api-key': sha256(good) },
    { 'x-api-key': [good, good] },
    { 'x-api-key': `${good},${good}` },
    { 'x-api-key': good, authorization: '' },
    { 'x-api-key': good, authorization: `Bearer ${good}` },
    { authorization: good },
    { authorization: `Bearer ${good}` },
    { authorization: `ApiKey ${good}` },
    { authorization: `Basic ${Buffer.from(`admin:${good}`).toString('base64')}` },
    { authorization: 'Negotiate YII=' },
    { cookie: `x-api-key=${good}; X-API-Key=${good}` },
    { 'x-api-key2': good },
    { 'x-apikey': good },
    { 'proxy-authorization': `Bearer ${good}` },
    { 'x-forwarded-user': 'admin', 'x-remote-user': 'admin', 'x-auth-request-user': 'admin' },
    { 'x-ssl-client-verify': 'SUCCESS', 'x-forwarded-client-cert': 'Subject="CN=admin"' },
    { forwarded: 'for=127.0.0.1', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
  ])('opens nothing in another place: %j', async (headers) => {
    expect(await refusal(headers as Record<string, string>)).toMatchObject(constant);
  });

  it.each(['api_key', 'apikey', 'key', 'token', 'access_token', 'X-API-Key'])('opens nothing as ?%s=', async (name) => {
    await attacked.call([401], 'GET', `/targets?${name}=${good}`, { key: null });
  });
});
