import { describe, expect, it } from '@jest/globals';
import { createHuawei } from '../../../sandbox/huawei/huawei.ts';
import { DOMAIN, PROJECT, USER } from '../../../sandbox/huawei/account.ts';
import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';
import type { Answer } from '../../transport/exchange.js';
import { FromIam } from './from-iam.js';
import { tokenWrap } from './iam.token.js';
import { decodeGrant, encodeLogin, type IamToken, type ProjectToken } from './iam.wire.js';
import { refusalOf } from './huawei.wire.js';
import { sendBy } from '../../transport/spec-send.js';
import { answerWith, blankExchange } from './spec-cloud.js';

const day = 86_400_000;

/** Stands still until told otherwise; who sleeps wakes when his time has come, or when his signal aborts. */
function standingClock(): Clock & { pass(milliseconds: number): void; sleepers(): number } {
  let time = Date.parse('2026-03-01T08:00:00Z');
  const sleepers = new Map<() => void, number>();
  return {
    now: () => time,
    sleepers: () => sleepers.size,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.set(wake, time + milliseconds);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    pass: (milliseconds) => {
      time += milliseconds;
      for (const [wake, at] of [...sleepers]) if (at <= time) wake();
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An IAM that numbers its tokens, and answers when it is told to. */
function numbered(lifeMs = day) {
  const clock = standingClock();
  const outcomes: string[] = [];
  const asked: Call[] = [];
  const replies: (Error | undefined)[] = [];
  let held: (() => void) | null = null;
  const gate = { open: true };
  const tokens = new FromIam<ProjectToken>({
    clock,
    askMs: 10_000,
    random: () => 0,
    what: 'token',
    asked: (outcome) => outcomes.push(outcome),
    ask: async (call): Promise<IamToken> => {
      asked.push(call);
      const token = `token-${String(asked.length)}`;
      if (!gate.open) await new Promise<void>((resolve) => (held = resolve));
      const reply = replies.shift();
      if (reply) throw reply;
      return { given: { token, projectId: PROJECT.id }, lifeMs: () => lifeMs, passwordEndsAt: null };
    },
  });
  const call = (): Call => ({
    requestId: 'r1',
    signal: new AbortController().signal,
    deadline: clock.now() + 5000,
  });
  const release = () => {
    gate.open = true;
    held?.();
  };
  const current = async (by = call()) => (await tokens.current(by)).token;
  return { clock, tokens, current, outcomes, asked, replies, gate, release, call };
}

const said = (httpStatus: number, code: string | null = null) => ({
  target: null,
  backend: null,
  httpStatus,
  code,
  message: null,
  requestId: null,
});
const unavailable = () => new Failure('upstream-unavailable', 'IAM is down.', { sent: 'perhaps' });

describe('the token of a connection', () => {
  it('is asked for once and then kept', async () => {
    const { current, asked, outcomes, clock } = numbered();
    expect(await current()).toBe('token-1');
    expect(await current()).toBe('token-1');
    expect([asked.length, outcomes, clock.sleepers()]).toEqual([1, ['ok'], 0]);
  });

  it('is asked for once by a thousand calls at the moment it ends', async () => {
    const { current, asked, clock, gate, release } = numbered();
    await current();
    clock.pass(day);
    gate.open = false;
    const waiting = Array.from({ length: 1000 }, () => current());
    await settled();
    release();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['token-2']));
    expect([asked.length, clock.sleepers()]).toEqual([2, 0]);
  });

  it('is renewed before it ends, and serves until the new one is there', async () => {
    const { current, asked, clock, gate, release } = numbered();
    await current();
    clock.pass(day * 0.8 - 1);
    expect([await current(), asked.length]).toEqual(['token-1', 1]);
    clock.pass(1);
    gate.open = false;
    expect([await current(), await current()]).toEqual(['token-1', 'token-1']);
    expect(asked.length).toBe(2);
    release();
    await settled();
    expect(await current()).toBe('token-2');
    expect(asked.length).toBe(2);
  });

  it('serves on while IAM is down', async () => {
    const { current, asked, clock, replies, outcomes } = numbered();
    await current();
    clock.pass(day * 0.9);
    replies.push(unavailable());
    expect(await current()).toBe('token-1');
    await settled();
    expect([await current(), asked.length]).toEqual(['token-1', 2]);
    clock.pass(1000);
    await current();
    await settled();
    expect(await current()).toBe('token-3');
    expect(outcomes).toEqual(['ok', 'upstream-unavailable', 'ok']);
  });

  it('is not asked for again for a second after IAM failed', async () => {
    const { current, asked, clock, replies } = numbered();
    replies.push(unavailable());
    const failure = await current().catch((thrown: unknown) => thrown as Failure);
    expect(failure).toMatchObject({ kind: 'upstream-unavailable', sent: 'never' });
    clock.pass(999);
    await expect(current()).rejects.toBe(failure);
    expect(asked.length).toBe(1);
    clock.pass(1);
    expect(await current()).toBe('token-2');
  });

  it.each([
    ['refuses', 400, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303]],
    ['does not accept the password, lest the user be locked', 401, [0, 10, 310, 910, 1510]],
  ])('is asked for ever more rarely while IAM %s', async (_how, httpStatus, at) => {
    const { current, asked, clock, replies } = numbered();
    const refused = () => new Failure('upstream-rejected', 'No.', { sent: 'refused', upstream: said(httpStatus) });
    replies.push(...Array.from({ length: at.length }, refused));
    const seconds: number[] = [];
    for (let second = 0; second <= (at.at(-1) ?? 0); second += 1) {
      const before = asked.length;
      await expect(current()).rejects.toMatchObject({ kind: 'upstream-rejected', sent: 'never' });
      if (asked.length > before) seconds.push(second);
      clock.pass(1000);
    }
    expect(seconds).toEqual(at);
  });

  it('is replaced once where it was refused, whoever says so and how often', async () => {
    const { tokens, call, asked } = numbered();
    const first = await tokens.current(call());
    const instead = async () => (await tokens.instead(first, call())).token;
    expect(new Set(await Promise.all(Array.from({ length: 50 }, instead)))).toEqual(new Set(['token-2']));
    expect(await instead()).toBe('token-2');
    expect(asked.length).toBe(2);
  });

  it('is waited for no longer than the call lasts, and the others go on waiting', async () => {
    const { current, call, clock, gate, release } = numbered();
    gate.open = false;
    const impatient = current({ ...call(), deadline: clock.now() + 100 });
    const leaving = new AbortController();
    const gone = current({ ...call(), signal: leaving.signal });
    const patient = current();
    leaving.abort();
    clock.pass(100);
    await expect(impatient).rejects.toMatchObject({ kind: 'upstream-timeout', sent: 'never' });
    await expect(gone).rejects.toMatchObject({ kind: 'request-timeout', sent: 'never' });
    release();
    expect([await patient, clock.sleepers()]).toEqual(['token-1', 0]);
  });
});

describe('sending with a token', () => {
  const refusal = (status: number, code = 'APIGW.0307') =>
    new Failure('upstream-rejected', 'No.', { sent: 'refused', upstream: said(status, code) });

  function sending(accepts: (token: string) => boolean, ...no: Parameters<typeof refusal> | []) {
    const [status = 401, code] = no;
    const iam = numbered();
    const used: string[] = [];
    const send = tokenWrap(
      iam.tokens,
      iam.clock,
    )(
      sendBy(({ headers }) => {
        const token = headers['x-auth-token'] ?? '';
        used.push(token);
        return accepts(token) ? Promise.resolve(answerWith(200, {})) : Promise.reject(refusal(status, code));
      }),
    );
    return { ...iam, used, send: () => send(blankExchange, iam.call()) };
  }

  it('renews a token that was refused, and sends once more', async () => {
    const { send, used, asked } = sending((token) => token !== 'token-1');
    expect((await send()).status).toBe(200);
    expect([used, asked.length]).toEqual([['token-1', 'token-2'], 2]);
  });

  it('does so once for all calls that were refused together', async () => {
    const { send, used, asked } = sending((token) => token !== 'token-1');
    await Promise.all(Array.from({ length: 100 }, send));
    expect([used.length, asked.length]).toEqual([200, 2]);
  });

  it('gives up when the new token is refused too, and leaves IAM alone for a while', async () => {
    const { send, used, asked, clock } = sending(() => false);
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected', sent: 'refused' });
    expect([used, asked.length]).toEqual([['token-1', 'token-2'], 2]);
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected' });
    expect([used.length, asked.length]).toEqual([3, 2]);
    clock.pass(10_000);
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected' });
    expect([used.length, asked.length]).toEqual([5, 3]);
  });

  it.each<[number, string]>([
    [403, 'APIGW.0302'],
    [403, 'DBS.280015'],
    [400, 'DBS.280056'],
  ])('keeps a token through a %i with %s', async (...no) => {
    const { send, used } = sending(() => false, ...no);
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected' });
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected' });
    expect(used).toEqual(['token-1', 'token-1']);
  });

  describe('that is called invalid by a 403', () => {
    const invalid = [403, 'DBS.280056'] as const;

    it('does not send again, but gives the next call a new token', async () => {
      const { send, used, asked } = sending((token) => token !== 'token-1', ...invalid);
      await expect(send()).rejects.toMatchObject({ sent: 'refused', upstream: { httpStatus: 403 } });
      expect([used, asked.length]).toEqual([['token-1'], 1]);
      expect((await send()).status).toBe(200);
      expect([used, asked.length]).toEqual([['token-1', 'token-2'], 2]);
    });

    it('leaves IAM alone for a while when the new token is called so too', async () => {
      const { send, used, clock } = sending(() => false, ...invalid);
      const sendTimes = async (times: number) => {
        for (let time = 0; time < times; time += 1) await expect(send()).rejects.toMatchObject({ sent: 'refused' });
        return used.splice(0);
      };
      expect(await sendTimes(4)).toEqual(['token-1', 'token-2', 'token-2', 'token-2']);
      clock.pass(9999);
      expect(await sendTimes(2)).toEqual(['token-2', 'token-2']);
      clock.pass(1);
      expect(await sendTimes(3)).toEqual(['token-2', 'token-3', 'token-3']);
    });

    it('drops it once for all calls that were refused together', async () => {
      const { send, used, asked } = sending((token) => token !== 'token-1', ...invalid);
      await Promise.all(Array.from({ length: 100 }, () => expect(send()).rejects.toMatchObject({ sent: 'refused' })));
      expect((await send()).status).toBe(200);
      expect([used.length, used.at(-1), asked.length]).toEqual([101, 'token-2', 2]);
    });

    it('leaves IAM alone as well where a token was renewed after a 401 just now', async () => {
      const iam = numbered();
      const used: string[] = [];
      const refusals = [refusal(401), refusal(...invalid), refusal(...invalid), refusal(401)];
      const send = tokenWrap(
        iam.tokens,
        iam.clock,
      )(
        sendBy(({ headers }) => {
          used.push(headers['x-auth-token'] ?? '');
          return Promise.reject(refusals.shift() ?? new Error('sent too often'));
        }),
      );
      for (const status of [403, 403, 401]) {
        await expect(send(blankExchange, iam.call())).rejects.toMatchObject({ upstream: { httpStatus: status } });
      }
      expect([used, iam.asked.length]).toEqual([['token-1', 'token-2', 'token-2', 'token-2'], 2]);
    });
  });

  it("does not take IAM's own refusal for the vendor's", async () => {
    const { send, used, asked, replies } = sending(() => true);
    replies.push(refusal(401));
    await expect(send()).rejects.toMatchObject({ kind: 'upstream-rejected', sent: 'never' });
    expect([used, asked.length]).toEqual([[], 1]);
  });
});

describe('asking IAM', () => {
  const login = { domain: DOMAIN.name, user: USER.name, password: USER.password, project: { id: PROJECT.id } };
  const { path, body, method, mutating } = encodeLogin(login);

  it('names user, domain and project', () => {
    expect({ method, path, mutating }).toEqual({
      method: 'POST',
      path: '/v3/auth/tokens?nocatalog=true',
      mutating: false,
    });
    expect(body).toBe(
      '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"sluice","password":"iamPass!1","domain":{"name":"acme"}}}},"scope":{"project":{"id":"0611f1bd8b00d5d32f17c017f15b599f"}}}}',
    );
  });

  it('names a project by its region, too, and takes the project that is told', () => {
    const byRegion = encodeLogin({ ...login, project: { name: PROJECT.name } });
    expect(byRegion.body).toContain(',"scope":{"project":{"name":"ap-southeast-1"}}}}');
    const { given } = decodeGrant(iamAnswer(byRegion.body ?? ''), { name: PROJECT.name });
    expect(given.projectId).toBe(PROJECT.id);
  });

  it.each([
    {},
    { project: null },
    { project: { id: PROJECT.id, name: 'cn-north-4' } },
    { project: { id: '..', name: PROJECT.name } },
  ])('takes no project for that of the region that is not: %j', (project) => {
    const token = { expires_at: '2026-03-02T08:00:00.000000Z', ...project };
    const answer = answerWith(201, { token }, { 'x-subject-token': 'x' });
    expect(() => decodeGrant(answer, { name: PROJECT.name })).toThrow(
      expect.objectContaining({ kind: 'upstream-malformed' }),
    );
    expect(decodeGrant(answer, { id: PROJECT.id }).given.projectId).toBe(PROJECT.id);
  });

  function iamAnswer(bytes = body ?? '', tokenBytes = 100_000): Answer {
    const cloud = createHuawei({ clock: () => Date.parse('2026-03-01T08:00:00Z'), tokenBytes });
    const headers = { 'content-type': 'application/json' };
    const [pathname = '', query = ''] = path.split('?');
    const reply = cloud.iam.answer({ method, path: pathname, query, headers, body: Buffer.from(bytes) });
    const lowered = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]);
    return { status: reply.status, headers: Object.fromEntries(lowered) as Answer['headers'], text: reply.body };
  }

  it('gives a token of any length, and how long it lives by the clock of IAM', () => {
    const grant = decodeGrant(iamAnswer(), login.project);
    expect([grant.given.token.length, grant.lifeMs(0)]).toEqual([100_000, day]);
  });

  it('counts from now where IAM does not tell when the token began', () => {
    const token = { expires_at: '2026-03-02T08:00:00.000000Z' };
    const answer = answerWith(201, { token }, { 'x-subject-token': 'x' });
    expect(decodeGrant(answer, login.project).lifeMs(Date.parse('2026-03-02T07:59:00Z'))).toBe(60_000);
  });

  it.each([
    ['2026-04-01T00:00:00.000000Z', Date.parse('2026-04-01T00:00:00Z')],
    ['', null],
    [undefined, null],
    ['one day', null],
    [7, null],
  ])('tells when the password ends, where IAM says so: %j', (end, expected) => {
    const token = { expires_at: '2026-03-02T08:00:00.000000Z', user: { password_expires_at: end } };
    expect(decodeGrant(answerWith(201, { token }, { 'x-subject-token': 'x' }), login.project).passwordEndsAt).toBe(
      expected,
    );
  });

  it.each([
    [200, { token: { expires_at: '2026-03-02T08:00:00.000000Z' } }, { 'x-subject-token': 'x' }],
    [201, { token: { expires_at: '2026-03-02T08:00:00.000000Z' } }, {}],
    [201, { token: { expires_at: 'soon' } }, { 'x-subject-token': 'x' }],
    [201, { token: null }, { 'x-subject-token': 'x' }],
    [201, '<html>', { 'x-subject-token': 'x' }],
  ])('takes nothing but a whole answer: %s %j %j', (status, given, headers) => {
    const answer = answerWith(status, given, headers);
    expect(() => decodeGrant(answer, login.project)).toThrow(expect.objectContaining({ kind: 'upstream-malformed' }));
  });

  it('reads its refusals', () => {
    const wrong = iamAnswer((body ?? '').replace(USER.password, 'wrong'));
    expect(refusalOf(wrong, { ...blankExchange, backend: 'iam' }, []).upstream).toMatchObject({
      httpStatus: 401,
      code: '401',
      message: 'The username or password is wrong.',
      requestId: wrong.headers['x-request-id'],
    });
  });
});
