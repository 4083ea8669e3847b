import { describe, expect, it } from '@jest/globals';
import type { Arrived, Reply } from '../../exchange.ts';
import { ACCESS_KEYS, FOREIGN_PROJECT, PROJECT } from '../account.ts';
import type { AccessKey } from '../account.ts';
import { GAUSSDB } from '../gaussdb/seed.ts';
import { createHuawei } from '../huawei.ts';
import type { Huawei } from '../huawei.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { arrivedAs, bodyOf, obtainToken, permanentKey, signedBy, standingClock, START } from '../spec-requests.ts';

const LINE = `GET /v3/${PROJECT.id}/instances/${GAUSSDB.instanceId}/components?limit=5&component_type=CN`;
const MINUTE = 60_000;
const WRONG = 'Incorrect IAM authentication information: ';

function cloud(knobs: Partial<HuaweiKnobs> = {}) {
  const clock = standingClock();
  return { clock, huawei: createHuawei({ clock: clock.now, ...knobs }) };
}

function answer(huawei: Huawei, arrived: Arrived): Reply {
  return huawei.gaussdb.answer(arrived);
}

function withHeaders(arrived: Arrived, headers: Record<string, string>): Arrived {
  return { ...arrived, headers: { ...arrived.headers, ...headers } };
}

function refusal(reply: Reply): { status: number; code: unknown; message: string; requestId: unknown } {
  const body = bodyOf(reply) as Record<string, unknown>;
  return { status: reply.status, code: body.error_code, message: String(body.error_msg), requestId: body.request_id };
}

describe('authentication by signature', () => {
  it.each(ACCESS_KEYS.map((key) => [key.access, key] as const))('takes a request signed by %s', (_access, key) => {
    expect(answer(cloud().huawei, signedBy(key, START, arrivedAs(LINE))).status).toBe(200);
  });

  it('takes any list of signed headers that has x-sdk-date in it', () => {
    const { headers } = signedBy(permanentKey(), START, { ...arrivedAs(LINE), headers: {} });
    expect(headers.authorization).toContain('SignedHeaders=x-sdk-date,');
    expect(answer(cloud().huawei, withHeaders(arrivedAs(LINE), headers as Record<string, string>)).status).toBe(200);
  });

  it('answers a bad signature with its own canonical request', () => {
    const signed = signedBy(permanentKey(), START, arrivedAs(LINE));
    const reply = answer(cloud().huawei, { ...signed, query: 'limit=6&component_type=CN' });
    const { status, code, message, requestId } = refusal(reply);
    expect([status, code]).toEqual([401, 'APIGW.0301']);
    expect(message).toBe(
      `${WRONG}verify aksk signature fail, canonicalRequest:GET|${signed.path}/|component_type=CN&limit=6|` +
        'host:127.0.0.1|x-sdk-date:20260301T080000Z||host;x-sdk-date|' +
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(requestId).toBe(reply.headers['X-Request-Id']);
  });

  it('does not take a payload hash that is not the hash of the payload', () => {
    const claimed = arrivedAs(LINE, undefined, { 'x-sdk-content-sha256': 'b'.repeat(64) });
    expect(answer(cloud().huawei, signedBy(permanentKey(), START, claimed)).status).toBe(401);
  });

  it.each([
    [-15 * MINUTE, 200],
    [-15 * MINUTE - 1000, 401],
    [15 * MINUTE, 200],
    [15 * MINUTE + 1000, 401],
  ])('judges a signature made %d ms from now with %d', (away, status) => {
    expect(answer(cloud().huawei, signedBy(permanentKey(), START + away, arrivedAs(LINE))).status).toBe(status);
  });

  it('names both times when the signature expired', () => {
    const reply = answer(cloud().huawei, signedBy(permanentKey(), START - 16 * MINUTE, arrivedAs(LINE)));
    expect(refusal(reply).message).toBe(
      `${WRONG}calc aksk signature fail:signature expired, signature time:20260301T074400Z,server time:20260301T080000Z`,
    );
  });

  it.each<[string, AccessKey, string]>([
    ['an unknown key', { access: 'NOBODY', secret: 'x' }, 'Get secretKey failed,ak:NOBODY,err:ak not exist'],
    [
      'a temporary key without its security token',
      { access: ACCESS_KEYS[1]?.access ?? '', secret: ACCESS_KEYS[1]?.secret ?? '' },
      'verify securityToken fail,ak:SANDBOXTEMPORARY0001',
    ],
  ])('refuses %s', (_name, key, why) => {
    expect(refusal(answer(cloud().huawei, signedBy(key, START, arrivedAs(LINE)))).message).toBe(WRONG + why);
  });

  it('refuses a date that is not signed', () => {
    const signed = signedBy(permanentKey(), START, arrivedAs(LINE));
    const authorization = signed.headers.authorization?.replace(';x-sdk-date', '') ?? '';
    expect(refusal(answer(cloud().huawei, withHeaders(signed, { authorization }))).message).toContain('x-sdk-date');
  });

  it('locks the key for five minutes after more than five bad signatures in a row', () => {
    const { clock, huawei } = cloud();
    const good = () => answer(huawei, signedBy(permanentKey(), clock.now(), arrivedAs(LINE)));
    const bad = () => answer(huawei, signedBy({ ...permanentKey(), secret: 'wrong' }, clock.now(), arrivedAs(LINE)));
    for (let failure = 0; failure < 5; failure += 1) bad();
    expect(good().status).toBe(200);
    for (let failure = 0; failure < 6; failure += 1) bad();
    expect(refusal(good()).message).toBe(`${WRONG}AK access failed to reach the limit,forbidden`);
    clock.pass(5 * MINUTE - 1);
    expect(good().status).toBe(401);
    clock.pass(1);
    expect(good().status).toBe(200);
  });

  it('never locks the key with a limit of 0', () => {
    const { huawei } = cloud({ accessKeyFailureLimit: 0 });
    for (let failure = 0; failure < 20; failure += 1) {
      answer(huawei, signedBy({ ...permanentKey(), secret: 'wrong' }, START, arrivedAs(LINE)));
    }
    expect(answer(huawei, signedBy(permanentKey(), START, arrivedAs(LINE))).status).toBe(200);
  });
});

describe('authentication by token', () => {
  const withToken = (token: string) => arrivedAs(LINE, undefined, { 'x-auth-token': token });

  it('takes a token until it expires', () => {
    const { clock, huawei } = cloud({ tokenLifetimeMs: 1000 });
    const token = obtainToken(huawei);
    clock.pass(999);
    expect(answer(huawei, withToken(token)).status).toBe(200);
    clock.pass(1);
    expect(refusal(answer(huawei, withToken(token)))).toMatchObject({ status: 401, code: 'APIGW.0307' });
  });

  it('keeps taking an older token when there is a new one', () => {
    const { huawei } = cloud();
    const older = obtainToken(huawei);
    obtainToken(huawei);
    expect(answer(huawei, withToken(older)).status).toBe(200);
  });

  it.each([
    ['of a project in another region', { project: { id: FOREIGN_PROJECT.id } }],
    ['of the domain', { domain: { name: 'acme' } }],
  ])('does not take a token %s', (_name, scope) => {
    const { huawei } = cloud();
    const { code, message } = refusal(answer(huawei, withToken(obtainToken(huawei, scope))));
    expect([code, message]).toEqual(['APIGW.0307', 'The token must be updated.']);
  });

  it('takes no revoked token, but one issued afterwards', () => {
    const { huawei } = cloud();
    const token = obtainToken(huawei);
    huawei.state.revokeTokens();
    expect(refusal(answer(huawei, withToken(token))).code).toBe('APIGW.0307');
    expect(answer(huawei, withToken(obtainToken(huawei))).status).toBe(200);
  });

  it('cannot decrypt a token that it never issued', () => {
    const { code, message } = refusal(answer(cloud().huawei, withToken('MIIx')));
    expect([code, message]).toEqual(['APIGW.0301', `${WRONG}decrypt token fail`]);
  });

  it('refuses a request with both credentials, and one with none', () => {
    const { huawei } = cloud();
    const both = signedBy(permanentKey(), START, withToken(obtainToken(huawei)));
    expect(refusal(answer(huawei, both)).message).toContain('both X-Auth-Token and Authorization');
    expect(refusal(answer(huawei, arrivedAs(LINE)))).toMatchObject({
      status: 401,
      code: 'APIGW.0301',
      message: `${WRONG}x-auth-token not found`,
    });
  });

  it('forgets tokens and locks on reset', () => {
    const { huawei } = cloud({ passwordFailureLimit: 1 });
    const token = obtainToken(huawei);
    huawei.reset();
    expect(refusal(answer(huawei, withToken(token))).code).toBe('APIGW.0301');
  });
});
