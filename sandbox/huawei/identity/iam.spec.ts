import { describe, expect, it } from '@jest/globals';
import type { Reply } from '../../exchange.ts';
import { FOREIGN_PROJECT, PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { arrivedAs, bodyOf, standingClock, tokenRequest } from '../spec-requests.ts';

const LINE = 'POST /v3/auth/tokens?nocatalog=true';

function cloud(knobs: Partial<HuaweiKnobs> = {}) {
  const clock = standingClock();
  const { iam, state } = createHuawei({ clock: clock.now, ...knobs });
  const request = (body: unknown = tokenRequest(), line = LINE): Reply => iam.answer(arrivedAs(line, body));
  return { clock, iam, state, request };
}

describe('obtaining a token', () => {
  it('answers 201 with the token in a header and its life in the body', () => {
    const { request, state } = cloud();
    const reply = request();
    expect(reply.status).toBe(201);
    expect(reply.headers['X-Subject-Token']).toMatch(/^MII[A-Za-z0-9+=-]{2045}$/);
    expect(reply.headers['X-IAM-Trace-Id']).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.headers['X-Request-Id']).toMatch(/^[0-9a-f]{32}$/);
    expect(bodyOf(reply)).toMatchObject({
      token: {
        issued_at: '2026-03-01T08:00:00.000000Z',
        expires_at: '2026-03-02T08:00:00.000000Z',
        methods: ['password'],
        project: { id: PROJECT.id, name: 'ap-southeast-1', domain: { name: 'acme' } },
        user: { name: 'sluice', domain: { name: 'acme' } },
      },
    });
    expect(reply.body).not.toContain('catalog');
    expect(state.tokensIssued()).toBe(1);
  });

  it('adds the catalog unless it is told not to', () => {
    expect(cloud().request(tokenRequest(), 'POST /v3/auth/tokens').body).toContain('"catalog":[');
  });

  it.each([64, 16_384, 100_000])('makes tokens of %d bytes', (tokenBytes) => {
    expect(cloud({ tokenBytes }).request().headers['X-Subject-Token']).toHaveLength(tokenBytes);
  });

  it.each([
    ['a project by name', { project: { name: PROJECT.name } }, { project: { id: PROJECT.id } }],
    ['another project by id', { project: { id: FOREIGN_PROJECT.id } }, { project: { name: FOREIGN_PROJECT.name } }],
    ['the domain by name', { domain: { name: 'acme' } }, { domain: { name: 'acme' } }],
    ['a project before the domain', { project: { id: PROJECT.id }, domain: { name: 'acme' } }, { project: {} }],
  ])('scopes to %s', (_name, scope, described) => {
    expect(bodyOf(cloud().request(tokenRequest({ scope })))).toMatchObject({ token: described });
  });

  it('answers a wrong password as Keystone does', () => {
    const reply = cloud().request(tokenRequest({ password: 'wrong' }));
    expect(reply.status).toBe(401);
    expect(bodyOf(reply)).toEqual({
      error: { code: 401n, message: 'The username or password is wrong.', title: 'Unauthorized' },
    });
  });

  it.each([
    ['an unknown project', { scope: { project: { id: 'f'.repeat(32) } } }],
    ['another domain', { scope: { domain: { name: 'other' } } }],
  ])('refuses %s', (_name, changes) => {
    expect(cloud().request(tokenRequest(changes)).status).toBe(401);
  });

  it.each<[string, unknown]>([
    ['no object', '[]'],
    ['no JSON', '{'],
    ['an empty body', ''],
    ['no identity', { auth: { scope: {} } }],
    ['an unknown member', { ...(tokenRequest() as object), more: 1 }],
    ['another method', { auth: { identity: { methods: ['totp'] } } }],
    ['no password', { auth: { identity: { methods: ['password'], password: { user: { id: 'x' } } } } }],
  ])('answers 400 to %s', (_name, body) => {
    const reply = cloud().request(body);
    expect(reply.status).toBe(400);
    expect(bodyOf(reply)).toEqual({
      error: { code: 400n, message: 'The request body is invalid', title: 'Bad Request' },
    });
  });

  it('answers 400 to another content type, and takes a charset', () => {
    const { iam } = cloud();
    const send = (type: string) => iam.answer(arrivedAs(LINE, tokenRequest(), { 'content-type': type })).status;
    expect(send('text/plain')).toBe(400);
    expect(send('application/json;charset=utf8')).toBe(201);
    expect(send('application/json; charset=UTF-8')).toBe(201);
  });

  it('locks the user after so many wrong passwords, for a while', () => {
    const { clock, request } = cloud({ passwordFailureLimit: 3, passwordLockMs: 1000 });
    for (let failure = 0; failure < 3; failure += 1) request(tokenRequest({ password: 'wrong' }));
    expect(bodyOf(request())).toEqual({ error_code: 'IAM.0061', error_msg: 'The account is locked.' });
    clock.pass(1000);
    expect(request().status).toBe(201);
  });

  it('throttles token requests', () => {
    const { clock, request } = cloud({ tokenRequestLimit: 2 });
    expect([request().status, request().status, request().status]).toEqual([201, 201, 429]);
    expect(bodyOf(request())).toMatchObject({ error_code: 'IAM.0012' });
    clock.pass(1000);
    expect(request().status).toBe(201);
  });

  it.each(['GET /v3/auth/tokens', 'POST /v3/auth/token', 'POST /v3/auth/tokens/', 'POST /v3/auth/%zz'])(
    'does not publish %s',
    (line) => {
      const { iam } = cloud();
      const reply = iam.answer(arrivedAs(line, tokenRequest()));
      expect(reply.status).toBe(404);
      expect(bodyOf(reply)).toMatchObject({ error_code: 'APIGW.0101', request_id: reply.headers['X-Request-Id'] });
      expect(iam.callOf(arrivedAs(line))).toBe('unknown');
    },
  );

  it('names its call', () => {
    expect(cloud().iam.callOf(arrivedAs(LINE))).toBe('tokens');
  });
});
