import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { listOf, lookOf, openGateway, operationOf, problemOf } from './gateway.ts';
import type { Answer, CallOptions, Gateway, GatewayOptions } from './gateway.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway;
/** Serves all tests that end before a vendor is asked: nothing can be left behind in it. */
let refusing: Gateway | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});

afterEach(async () => {
  if (gateway !== refusing) await gateway.close();
  vendors.reset();
});

afterAll(async () => {
  await refusing?.close();
  await vendors.close();
});

async function open(options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await openGateway({ vendors, ...options });
  return gateway;
}

async function openToRefuse(): Promise<void> {
  gateway = refusing ??= await openGateway({ vendors });
}

const look = (query: string) => gateway.call('GET', `/processes?${query}`);

const flush = (body: object, options: CallOptions = {}) =>
  gateway.call('POST', '/sessions/flush', { body, ...options });

const tune = (settings: object, target = 'bi-user') =>
  gateway.call('POST', '/sessions/tune', { body: { target, settings } });

const idsOf = (answer: Answer) => lookOf(answer).items.map(({ id }) => id);
const calls = () => vendors.journal.all().map(({ call }) => call);

/** The configuration with a second pool, which the uid of the connection owns too. */
const withSpare: GatewayOptions = {
  change: ({ targets }) => {
    targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
  },
};

const rc = (code: number, msg = 'as told'): Mishap => ({
  kind: 'reply',
  status: 200,
  contentType: 'text/xml',
  body: `<out><rc>${code}</rc><msg>${msg}</msg></out>`,
});

describe('a look at a pool', () => {
  it('shows every member as it is', async () => {
    await open();
    const answer = await look('target=bi-pool');
    expect([answer.status, answer.headers['sluice-completed'], answer.headers['cache-control']]).toEqual([
      200,
      'true',
      'no-store',
    ]);
    const nothing = { node: null, client: null, database: null, application: null, command: null, statement: null };
    const noClocks = { idleSeconds: null, busySeconds: null, ageSeconds: null };
    expect(lookOf(answer).items[3]).toEqual({
      ...nothing,
      ...noClocks,
      id: 'acme_m4',
      target: 'bi-pool',
      backend: '1010data',
      user: 'acme_m4',
      state: 'idle',
      draining: false,
      protected: null,
    });
    expect(lookOf(answer).items.map(({ state }) => state)).toEqual([
      'active',
      'active',
      'active',
      'idle',
      'idle',
      'offline',
    ]);
    expect(lookOf(answer).targets).toMatchObject([{ target: 'bi-pool', status: 'ok', matched: 6, complete: true }]);
    expect(lookOf(answer).nextPageToken).toBeNull();
  });

  it('sends one samstatus with the credentials of the pool’s owner, and nothing else', async () => {
    await open();
    await gateway.call('GET', '/processes?target=bi-pool', {
      headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    });
    const [sent, ...others] = vendors.journal.all();
    expect(others).toEqual([]);
    expect(sent?.raw).toMatchObject({
      method: 'POST',
      path: '/gw.k',
      query: 'api=samstatus&apiversion=3&uid=acme_owner&pswd=ownerPass1&gid=acme_pool',
    });
    expect(sent?.raw.body).toHaveLength(0);
    expect(Object.keys(sent?.raw.headers ?? {})).not.toContain('traceparent');
    expect(Object.keys(sent?.raw.headers ?? {})).not.toContain('x-api-key');
  });

  it.each([
    ['state=idle', ['acme_m4', 'acme_m5']],
    ['state=idle&state=offline', ['acme_m4', 'acme_m5', 'acme_m6']],
    ['state=!active', ['acme_m4', 'acme_m5', 'acme_m6']],
    ['state=idle&user=acme_m5', ['acme_m5']],
    ['user=acme_m*&user=!*_m1&user=!acme_m2', ['acme_m3', 'acme_m4', 'acme_m5', 'acme_m6']],
    ['id=acme_m6&id=acme_m1', ['acme_m1', 'acme_m6']],
    ['user=ACME_M1', []],
    ['user=acme_m1%2Cacme_m2', []],
  ])('selects by %s', async (query, ids) => {
    await open();
    const answer = await look(`target=bi-pool&${query}`);
    expect(idsOf(answer)).toEqual(ids);
    expect(lookOf(answer).targets[0]?.matched).toBe(ids.length);
  });

  it('gives counts alone where the limit is 0', async () => {
    await open();
    const answer = await look('target=bi-pool&state=active&limit=0');
    expect(answer.body).toMatchObject({ items: [], targets: [{ matched: 3 }], nextPageToken: null });
  });

  it('gives pages by position, for the same query alone', async () => {
    await open();
    const first = await look('target=bi-pool&state=!offline&limit=3');
    expect(idsOf(first)).toEqual(['acme_m1', 'acme_m2', 'acme_m3']);
    const token = lookOf(first).nextPageToken ?? '';
    const second = await look(`state=!offline&pageToken=${token}&limit=2&target=bi-pool`);
    expect(idsOf(second)).toEqual(['acme_m4', 'acme_m5']);
    expect(lookOf(second).nextPageToken).toBeNull();
    for (const query of ['state=idle&', 'state=!offline&target=bi-user&', `state=!offline&sort=-idleSeconds&`]) {
      const refused = await look(`target=bi-pool&${query}pageToken=${token}`);
      expect([refused.status, problemOf(refused).errors?.map(({ parameter }) => parameter)]).toEqual([
        400,
        expect.arrayContaining(['pageToken']),
      ]);
    }
    expect((await look('target=bi-pool&pageToken=bm9uc2Vuc2U')).status).toBe(400);
  });

  it.each([
    ['client=10.0.0.7', 'client'],
    ['database=!x', 'database'],
    ['application=x', 'application'],
    ['command=x', 'command'],
    ['minIdleSeconds=0', 'minIdleSeconds'],
    ['minBusySeconds=1', 'minBusySeconds'],
    ['minAgeSeconds=1', 'minAgeSeconds'],
    ['state=idleInTransaction', 'state'],
    ['state=!idleInTransaction', 'state'],
    ['node=n1', 'node'],
  ])('refuses %s, which no pool can judge, before it asks the vendor', async (query, parameter) => {
    await openToRefuse();
    const answer = await look(`target=bi-pool&${query}`);
    expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-filter']);
    expect(problemOf(answer).errors).toEqual([{ parameter, message: expect.stringContaining('"bi-pool" (1010data)') }]);
    expect(calls()).toEqual([]);
  });

  it.each([
    ['limit=10001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1&limit=1', 'limit'],
    ['sort=idleSeconds', 'sort'],
    ['state=busy', 'state'],
    ['user=', 'user'],
    ['user=!', 'user'],
    ['id=Acme', 'id'],
    ['id=acme*', 'id'],
    [`user=${'x'.repeat(257)}`, 'user'],
    ['minIdleSeconds=1e3', 'minIdleSeconds'],
    ['surprise=1', 'surprise'],
    ['dryRun=true', 'dryRun'],
  ])('refuses %s as malformed', async (query, parameter) => {
    await openToRefuse();
    const answer = await look(`target=bi-pool&${query}`);
    expect(answer.status).toBe(400);
    expect(problemOf(answer).code).toBe('invalid-request');
    expect(new Set(problemOf(answer).errors?.map((fault) => fault.parameter))).toEqual(new Set([parameter]));
    expect(calls()).toEqual([]);
  });

  it('cannot be had of a uid, whose target and backend are named', async () => {
    await openToRefuse();
    const answer = await look('target=bi-user');
    expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-operation']);
    expect(problemOf(answer).detail).toContain('"bi-user" (1010data)');
  });

  it('shares one listing with the looks around it, whatever they filter by; a flush counts afresh', async () => {
    await open();
    const both = await Promise.all([look('target=bi-pool'), look('target=bi-pool&state=idle')]);
    const later = await look('target=bi-pool&limit=1');
    expect(vendors.journal.of('samstatus')).toHaveLength(1);
    expect([...both, later].map((answer) => lookOf(answer).items.length)).toEqual([6, 2, 1]);
    const collected = [...both, later].map((answer) => lookOf(answer).targets[0]?.collectedAt);
    expect(new Set(collected).size).toBe(1);
    expect(operationOf(await flush({ targets: ['bi-pool'] })).counts.deferred).toBe(3);
    expect(vendors.journal.of('samstatus')).toHaveLength(2);
  });

  it('does not share what failed', async () => {
    await open();
    vendors.faults.add({ ...rc(4), times: 1 });
    expect((await look('target=bi-pool')).status).toBe(502);
    expect((await look('target=bi-pool')).status).toBe(200);
  });

  it('shows the living targets beside a dead one', async () => {
    await open(withSpare);
    vendors.faults.add({ kind: 'status', status: 503, contains: 'acme_pool' });
    const answer = await look('target=bi-pool&target=spare');
    expect([answer.status, answer.headers['sluice-completed']]).toEqual([200, 'false']);
    expect(lookOf(answer).targets).toMatchObject([
      { target: 'bi-pool', status: 'failed', matched: null, problem: { code: 'upstream-unavailable', status: 503 } },
      { target: 'spare', status: 'ok', matched: 0, complete: true },
    ]);
  });

  it('is the problem itself when every target is dead, after reads were repeated', async () => {
    await open();
    vendors.faults.add({ kind: 'reset-before' });
    const answer = await look('target=bi-pool');
    expect(answer.status).toBe(503);
    expect(problemOf(answer)).toMatchObject({ code: 'upstream-unavailable', upstream: { target: 'bi-pool' } });
    expect(vendors.journal.of('samstatus')).toHaveLength(3);
  });

  it('passes over what goes away by itself', async () => {
    await open();
    vendors.faults.add({ kind: 'status', status: 502, times: 1 });
    expect((await look('target=bi-pool')).status).toBe(200);
    expect(vendors.journal.of('samstatus')).toHaveLength(2);
  });

  it('ends with its time, and closes the connection to the vendor', async () => {
    await open({ traffic: { timeouts: { answerMs: 100, lookMs: 150 } } });
    vendors.faults.add({ kind: 'silence-before' });
    const answer = await look('target=bi-pool');
    expect([answer.status, problemOf(answer).code]).toEqual([504, 'upstream-timeout']);
    const entry = await vendors.journal.arrival('samstatus');
    await vendors.journal.ended(entry);
    expect(entry.ending).toBe('abandoned');
  });

  it('stops when its caller hangs up', async () => {
    await open({ traffic: { timeouts: { answerMs: 60_000, lookMs: 60_000 } } });
    vendors.faults.add({ kind: 'silence-before' });
    const caller = new AbortController();
    const answer = gateway.call('GET', '/processes?target=bi-pool', { signal: caller.signal });
    const entry = await vendors.journal.arrival('samstatus');
    caller.abort();
    await expect(answer).rejects.toThrow();
    await vendors.journal.ended(entry);
    expect(entry.ending).toBe('abandoned');
    expect(calls()).toEqual(['samstatus']);
  });
});

describe('a flush of a pool', () => {
  const request = { targets: ['bi-pool'], reason: 'nightly reload', onBehalfOf: 'sue' };

  it('marks the busy ids and logs out the free ones', async () => {
    await open();
    const answer = await flush(request, { headers: { 'x-request-id': 'r-1' } });
    expect(answer.status).toBe(200);
    const unknownEnd = { ended: null, deferred: 3, notFound: 0, skipped: 0, failed: 0, unknown: 0, wouldEnd: 0 };
    expect(answer.body).toEqual({
      id: answer.headers['sluice-operation'],
      kind: 'sessions.flush',
      mode: 'graceful',
      state: 'succeeded',
      dryRun: false,
      requestedBy: 'demo-operator',
      onBehalfOf: 'sue',
      reason: 'nightly reload',
      requestId: 'r-1',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      endedAt: expect.stringMatching(/Z$/),
      counts: unknownEnd,
      targets: [
        {
          target: 'bi-pool',
          backend: '1010data',
          state: 'succeeded',
          strategy: 'native',
          effect: 'deferred',
          durationMs: expect.any(Number),
          counts: unknownEnd,
          items: [],
          itemsOmitted: 0,
          calls: [{ node: null, call: 'flushpool', code: '0', message: 'OK', requestId: null, jobId: null }],
          note: 'Busy ids log out when their application releases them.',
          problem: null,
          drain: {
            state: 'watching',
            remaining: 3,
            ids: ['acme_m1', 'acme_m2', 'acme_m3'],
            checkedAt: expect.stringMatching(/Z$/),
            until: expect.stringMatching(/Z$/),
          },
          completed: false,
        },
      ],
    });
    expect(answer.headers).toMatchObject({ 'sluice-state': 'succeeded', 'sluice-completed': 'false' });
    expect(answer.headers['sluice-operation']).toMatch(/^op_[0-9a-z]+$/);
    expect(calls()).toEqual(['flushpool', 'samstatus']);
    expect(vendors.journal.all()[0]?.raw).toMatchObject({
      method: 'POST',
      query: 'api=flushpool&apiversion=3&uid=acme_owner&pswd=ownerPass1&gid=acme_pool',
    });
    expect(vendors.journal.all()[0]?.raw.body).toHaveLength(0);
    const members = vendors.tentendata.pool('acme_pool');
    expect(members.map(({ loggedIn, marked }) => `${String(loggedIn)} ${String(marked)}`)).toEqual([
      'true true',
      'true true',
      'true true',
      'false false',
      'false false',
      'false false',
    ]);
  });

  it('is complete when no id was busy', async () => {
    await open();
    await flush({ ...request, mode: 'forced' });
    const answer = await flush(request);
    expect(answer.headers['sluice-completed']).toBe('true');
    expect(operationOf(answer).targets[0]).toMatchObject({ effect: 'ended', counts: { deferred: 0, ended: null } });
  });

  it('is not shown to be complete when nobody is listed', async () => {
    await open(withSpare);
    const answer = await flush({ targets: ['spare'] });
    expect([answer.status, answer.headers['sluice-completed']]).toEqual([200, 'false']);
    expect(operationOf(answer).targets[0]).toMatchObject({
      state: 'succeeded',
      effect: 'deferred',
      counts: { deferred: null, ended: null },
    });
  });

  it('ends every session when forced, by one call', async () => {
    await open();
    const answer = await flush({ ...request, mode: 'forced' });
    expect(answer.status).toBe(200);
    expect(answer.headers['sluice-completed']).toBe('true');
    expect(operationOf(answer)).toMatchObject({ mode: 'forced', counts: { ended: null, deferred: 0 } });
    expect(operationOf(answer).targets[0]).toMatchObject({ effect: 'ended', calls: [{ call: 'resetpool' }] });
    expect(calls()).toEqual(['resetpool']);
    expect(vendors.tentendata.pool('acme_pool').some(({ loggedIn, taken }) => loggedIn || taken)).toBe(false);
  });

  it.each(['graceful', 'forced'])('sends nothing when it is only tried (%s)', async (mode) => {
    await open();
    const answer = await flush({ ...request, mode, dryRun: true });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([200, 'planned']);
    expect(operationOf(answer)).toMatchObject({ state: 'planned', dryRun: true, targets: [{ effect: 'none' }] });
    expect(operationOf(answer).targets[0]?.calls).toEqual([]);
    expect(calls()).toEqual([]);
  });

  it('cannot count where the installation has no samstatus', async () => {
    await open();
    vendors.tentendata.knobs.samstatusSupported = false;
    const answer = await flush(request);
    expect([answer.status, answer.headers['sluice-completed']]).toEqual([200, 'false']);
    const { effect, counts } = operationOf(answer).targets[0]!;
    expect(effect).toBe('deferred');
    expect(Object.values(counts)).toEqual(Array(7).fill(null));
  });

  it('succeeds although the count afterwards fails', async () => {
    await open({ traffic: { timeouts: { answerMs: 100, lookMs: 100 } } });
    vendors.faults.add({ kind: 'silence-before', call: 'samstatus' });
    const answer = await flush(request);
    expect(answer.status).toBe(200);
    expect(operationOf(answer).targets[0]).toMatchObject({ effect: 'deferred', counts: { deferred: null } });
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });

  it('goes to several pools at once', async () => {
    await open(withSpare);
    const answer = await flush({ targets: ['spare', 'bi-pool'] });
    expect(answer.status).toBe(200);
    expect(operationOf(answer).targets.map(({ target }) => target)).toEqual(['spare', 'bi-pool']);
    expect(operationOf(answer).counts).toMatchObject({ ended: null, deferred: 3 });
  });

  it.each([
    ['a restriction that no pool can judge', { minIdleSeconds: 60 }, 422, 'unsupported-filter', '/minIdleSeconds'],
    [
      'a restriction of a forced flush',
      { mode: 'forced', minIdleSeconds: 60 },
      400,
      'invalid-request',
      '/minIdleSeconds',
    ],
    ['a node where there is none', { node: 'n1' }, 422, 'unsupported-filter', '/node'],
    ['an unknown mode', { mode: 'hard' }, 400, 'invalid-request', '/mode'],
    ['a target twice', { targets: ['bi-pool', 'bi-pool'] }, 400, 'invalid-request', '/targets'],
    ['no target', { targets: [] }, 400, 'invalid-request', '/targets'],
    ['an unknown target', { targets: ['nobody'] }, 404, 'unknown-target', '/targets/0'],
    ['a uid', { targets: ['bi-user'] }, 422, 'unsupported-operation', '/targets/0'],
    ['a number for a flag', { dryRun: 1 }, 400, 'invalid-request', '/dryRun'],
    ['a control character', { reason: 'a\u0000b' }, 400, 'invalid-request', '/reason'],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, 400, 'invalid-request', '/reason'],
  ])('refuses %s without a byte to the vendor', async (_name, change, status, code, pointer) => {
    await openToRefuse();
    const answer = await flush({ ...request, ...change });
    expect(answer.status).toBe(status);
    expect(problemOf(answer)).toMatchObject({ code, retryable: false });
    expect(problemOf(answer).errors?.map((fault) => fault.pointer)).toContain(pointer);
    expect(answer.headers).toMatchObject({ 'sluice-state': 'failed', 'sluice-completed': 'false' });
    expect(answer.headers['sluice-operation']).toBeUndefined();
    expect(calls()).toEqual([]);
  });

  it('refuses the whole call with all its faults at once', async () => {
    await openToRefuse();
    const answer = await flush({ targets: ['bi-pool', 'nobody', 'bi-user'], mode: 'hard', surprise: 1 });
    expect(answer.status).toBe(400);
    expect(
      problemOf(answer)
        .errors?.map(({ pointer }) => pointer)
        .toSorted(),
    ).toEqual(['/mode', '/surprise', '/targets/1', '/targets/2']);
    expect(calls()).toEqual([]);
  });
});

describe('a kill', () => {
  it('cannot be had of a pool, nor of a uid', async () => {
    await openToRefuse();
    for (const target of ['bi-pool', 'bi-user']) {
      const answer = await gateway.call('DELETE', `/processes?target=${target}&id=acme_m1`);
      expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-operation']);
      expect(problemOf(answer).detail).toContain(`"${target}" (1010data)`);
      expect(answer.headers).toMatchObject({ 'sluice-state': 'failed', 'sluice-completed': 'false' });
    }
    expect(calls()).toEqual([]);
  });
});

describe('a tuning', () => {
  it('takes over the session of the uid and sets what was asked', async () => {
    await open();
    vendors.tentendata.login('acme_owner');
    const before = vendors.tentendata.session('acme_owner')!;
    const answer = await tune({ infinityToNa: true, stepwise: false, blocking: 3 });
    expect(answer.status).toBe(200);
    expect(operationOf(answer)).toMatchObject({
      kind: 'sessions.tune',
      mode: null,
      state: 'succeeded',
      targets: [
        { target: 'bi-user', effect: 'set', calls: [{ call: 'session', code: '0' }], note: expect.any(String) },
      ],
    });
    expect(answer.headers['sluice-completed']).toBe('true');
    const after = vendors.tentendata.session('acme_owner')!;
    expect([after.sid, after.settings]).toEqual([before.sid, { inf2na: 'on', stepwise: 'off', blocking: '3' }]);
    const [login, session] = vendors.journal.all();
    expect(login?.raw.query).toBe('api=login&apiversion=3&uid=acme_owner&pswd=ownerPass1&kill=possess');
    expect(session?.raw.query).toBe(
      `api=session&apiversion=3&uid=acme_owner&pswd=${after.encryptedPassword}&sid=${after.sid}`,
    );
    expect(session?.raw.headers['content-type']).toBe('text/xml');
    expect(session?.raw.body.toString()).toBe(
      '<in><inf2na>on</inf2na><stepwise>off</stepwise><blocking>3</blocking></in>',
    );
    expect(calls()).toEqual(['login', 'session']);
    for (const secret of ['ownerPass1', after.encryptedPassword, after.sid]) expect(answer.text).not.toContain(secret);
  });

  it('starts a session where there is none, and sends no setting that was left out', async () => {
    await open();
    expect((await tune({ infinityToNa: false })).status).toBe(200);
    expect(vendors.journal.of('session')[0]?.raw.body.toString()).toBe('<in><inf2na>off</inf2na></in>');
    expect(vendors.tentendata.session('acme_owner')?.settings).toEqual({ inf2na: 'off' });
  });

  it('waits for the one before, since a uid has one session', async () => {
    await open();
    vendors.tentendata.knobs.possessRotatesPassword = true;
    vendors.faults.add({ kind: 'latency', milliseconds: 30, call: 'session' });
    const answers = await Promise.all([1, 2, 3].map((blocking) => tune({ infinityToNa: true, blocking })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(calls()).toEqual(['login', 'session', 'login', 'session', 'login', 'session']);
  });

  it('takes the session over once more if it was lost in between, and not twice', async () => {
    await open();
    vendors.faults.add({ ...rc(35), call: 'session', times: 1 });
    expect((await tune({ infinityToNa: true })).status).toBe(200);
    expect(calls()).toEqual(['login', 'session', 'login', 'session']);
    vendors.journal.clear();
    vendors.faults.add({ ...rc(35), call: 'session' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).code, problemOf(answer).upstream?.code]).toEqual([
      502,
      'upstream-rejected',
      '35',
    ]);
    expect(calls()).toEqual(['login', 'session', 'login', 'session']);
  });

  it('has surely not happened when the login fails in whatever way', async () => {
    await open();
    vendors.faults.add({ kind: 'reset-after', call: 'login' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).retryable]).toEqual([503, true]);
    expect(vendors.journal.of('session')).toEqual([]);
    expect(problemOf(answer).operation?.targets[0]?.calls).toMatchObject([{ call: 'login', code: null }]);
  });

  it('tells that it was the login that was refused', async () => {
    await open();
    vendors.faults.add({ ...rc(4), call: 'login' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).code]).toEqual([502, 'upstream-rejected']);
    expect(problemOf(answer).operation?.targets[0]?.calls).toEqual([
      { node: null, call: 'login', code: '4', message: 'as told', requestId: null, jobId: null },
    ]);
    expect(calls()).toEqual(['login']);
  });

  it('is unknown when the session call is not answered', async () => {
    await open();
    vendors.faults.add({ kind: 'reset-after', call: 'session' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([424, 'unknown']);
    expect(vendors.journal.of('session')).toHaveLength(1);
  });

  it.each([
    ['without the setting that the vendor requires', { blocking: 1 }, '/settings/infinityToNa'],
    ['beyond the scale', { infinityToNa: true, blocking: 11 }, '/settings/blocking'],
    ['between two steps', { infinityToNa: true, blocking: 1.5 }, '/settings/blocking'],
    ['by words', { infinityToNa: 'on' }, '/settings/infinityToNa'],
    ['with null for nothing', { infinityToNa: true, stepwise: null }, '/settings/stepwise'],
    ['by another setting', { infinityToNa: true, kill: 'yes' }, '/settings/kill'],
    ['by none', null, '/settings'],
  ])('is refused %s', async (_name, settings, pointer) => {
    await openToRefuse();
    const answer = await gateway.call('POST', '/sessions/tune', { body: { target: 'bi-user', settings } });
    expect(answer.status).toBe(400);
    expect(problemOf(answer).errors?.map((fault) => fault.pointer)).toContain(pointer);
    expect(calls()).toEqual([]);
  });

  it('cannot be had of a pool', async () => {
    await openToRefuse();
    expect((await tune({ infinityToNa: true }, 'bi-pool')).status).toBe(422);
  });

  it('sends nothing when it is only tried', async () => {
    await open();
    const body = { target: 'bi-user', settings: { infinityToNa: true }, dryRun: true };
    const answer = await gateway.call('POST', '/sessions/tune', { body });
    expect([answer.status, operationOf(answer).state]).toEqual([200, 'planned']);
    expect(calls()).toEqual([]);
  });
});

describe('a call that takes its time', () => {
  it.each(['respond-async', 'wait=0', 'RESPOND-ASYNC; foo=bar'])('is accepted and followed (%s)', async (prefer) => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 150, call: 'flushpool' });
    const accepted = await flush({ targets: ['bi-pool'] }, { headers: { prefer } });
    const { id, state, endedAt } = operationOf(accepted);
    expect([accepted.status, state, endedAt]).toEqual([202, 'running', null]);
    expect(accepted.headers).toMatchObject({
      location: `/operations/${id}`,
      'retry-after': expect.stringMatching(/^\d+$/),
      'sluice-operation': id,
      'sluice-state': 'running',
      'sluice-completed': 'false',
    });
    const early = await gateway.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=0' } });
    expect([early.status, operationOf(early).state, early.headers['retry-after']]).toEqual([
      200,
      'running',
      expect.stringMatching(/^\d+$/),
    ]);
    const late = await gateway.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=10' } });
    expect([late.status, operationOf(late).state, late.headers['retry-after']]).toEqual([200, 'succeeded', undefined]);
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });

  it('is accepted even if it is over, and tells where it can be followed', async () => {
    await open();
    const asked = { headers: { prefer: 'respond-async' } };
    // All that these do is to look, and they look before they answer.
    const nothing = await gateway.call('DELETE', '/processes?target=orders&user=nobody', asked);
    vendors.faults.add({ kind: 'status', status: 503, vendor: 'gaussdb' });
    const failed = await flush({ targets: ['ledger'], mode: 'forced' }, asked);
    for (const [answer, state] of [
      [nothing, 'succeeded'],
      [failed, 'failed'],
    ] as const) {
      const { id } = operationOf(answer);
      expect([answer.status, answer.headers['location'], answer.headers['retry-after']]).toEqual([
        202,
        `/operations/${id}`,
        '2',
      ]);
      const { body } = await gateway.call('GET', `/operations/${id}`);
      expect(body).toMatchObject({ id, state });
    }
    const dry = await flush({ targets: ['bi-pool'], dryRun: true }, asked);
    expect([dry.status, dry.headers['location']]).toEqual([200, undefined]);
  });

  it('is answered as it stands when it is repeated', async () => {
    await open();
    const asked = { headers: { prefer: 'respond-async', 'idempotency-key': 'once' } };
    const first = await flush({ targets: ['bi-pool'] }, asked);
    await gateway.call('GET', first.headers['location'] ?? '', { headers: { prefer: 'wait=10' } });
    const again = await flush({ targets: ['bi-pool'] }, asked);
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([202, 200, 'true']);
  });

  it('is answered whole within the default wait', async () => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 150 });
    expect((await flush({ targets: ['bi-pool'] }, { headers: { prefer: 'handling=lenient' } })).status).toBe(200);
  });

  it('is told where it is also below a base path', async () => {
    await open({ server: { basePath: '/sluice' } });
    vendors.faults.add({ kind: 'latency', milliseconds: 50 });
    const accepted = await flush({ targets: ['bi-pool'] }, { headers: { prefer: 'respond-async' } });
    expect(accepted.headers['location']).toBe(`/sluice/operations/${operationOf(accepted).id}`);
  });

  it('runs to its end though its caller hangs up', async () => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 100, call: 'flushpool' });
    const caller = new AbortController();
    const answer = flush({ targets: ['bi-pool'] }, { signal: caller.signal });
    const entry = await vendors.journal.arrival('flushpool');
    caller.abort();
    await expect(answer).rejects.toThrow();
    await vendors.journal.ended(entry);
    expect([entry.executed, entry.ending]).toEqual([true, 'answered']);
    const { items } = listOf(await gateway.call('GET', '/operations'));
    const seen = await gateway.call('GET', `/operations/${items[0]?.id ?? ''}`);
    expect(operationOf(seen)).toMatchObject({ state: 'succeeded', counts: { deferred: 3 } });
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });
});

describe('a flush that meets trouble', () => {
  const trouble: readonly (readonly [string, Mishap, boolean])[] = [
    ['reset before it is executed', { kind: 'reset-before' }, false],
    ['reset after it is executed', { kind: 'reset-after' }, true],
    ['closed after it is executed', { kind: 'fin-after' }, true],
    ['silence, unexecuted', { kind: 'silence-before' }, false],
    ['silence, executed', { kind: 'silence-after' }, true],
    ['500', { kind: 'status', status: 500 }, false],
    ['502, executed', { kind: 'status', status: 502, executed: true }, true],
    ['503', { kind: 'status', status: 503 }, false],
    ['504, executed', { kind: 'status', status: 504, executed: true }, true],
    ['HTML in a 200', { kind: 'html' }, false],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, false],
    ['an answer that ends too early', { kind: 'truncate', atByte: 18 }, true],
    ['a body shorter than announced', { kind: 'cut-body', framing: 'length' }, true],
    ['a chunk shorter than announced', { kind: 'cut-body', framing: 'chunked', ending: 'reset' }, true],
    ['a body that ends with the connection', { kind: 'cut-body', framing: 'close', atByte: 15 }, true],
    ['a body that never ends', { kind: 'cut-body', framing: 'length', ending: 'silence' }, true],
    ['a body that takes too long', { kind: 'slow-body', millisecondsPerByte: 40 }, true],
    ['an answer that is too big', { kind: 'too-big', bytes: 300_000 }, true],
    ['JSON', { kind: 'wrong-content', content: 'json' }, true],
    ['garbage', { kind: 'wrong-content', content: 'garbage' }, true],
    ['an empty 200', { kind: 'wrong-content', content: 'empty' }, true],
    ['an answer without a code', { kind: 'reply', status: 200, body: '<out><msg>OK</msg></out>' }, false],
    ['two codes', { kind: 'reply', status: 200, body: '<out><rc>0</rc><rc>0</rc></out>' }, false],
    ['a document after the answer', { kind: 'reply', status: 200, body: '<out><rc>0</rc></out><out/>' }, false],
  ];

  it.each(trouble)('%s: was sent once, and its outcome is not known', async (_name, mishap, executed) => {
    await open({ traffic: { timeouts: { answerMs: 300 } } });
    vendors.faults.add({ ...mishap, call: 'flushpool' });
    const answer = await flush({ targets: ['bi-pool'] });
    expect(answer.status).toBe(424);
    expect(problemOf(answer)).toMatchObject({
      type: '/problems/outcome-unknown',
      code: 'outcome-unknown',
      retryable: false,
      upstream: { target: 'bi-pool', backend: '1010data' },
      operation: {
        id: answer.headers['sluice-operation'],
        state: 'unknown',
        counts: { ended: null, unknown: null },
        targets: [{ state: 'unknown', effect: 'none', problem: { code: 'outcome-unknown' } }],
      },
    });
    expect(answer.headers).toMatchObject({ 'sluice-state': 'unknown', 'sluice-completed': 'false' });
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(calls()).toEqual(['flushpool']);
    expect(vendors.journal.all()[0]?.executed).toBe(executed);
    const record = await gateway.call('GET', `/operations/${answer.headers['sluice-operation'] ?? ''}`);
    expect([record.status, record.body]).toEqual([200, problemOf(answer).operation]);
    expect(JSON.stringify([answer, gateway.log])).not.toContain('ownerPass1');
  });

  it.each([
    [1, 502, 'upstream-rejected'],
    [4, 502, 'upstream-rejected'],
    [5, 409, 'upstream-conflict'],
    [7, 422, 'unsupported-operation'],
    [35, 502, 'upstream-rejected'],
    [37, 502, 'upstream-rejected'],
    [38, 503, 'upstream-unavailable'],
    [39, 502, 'upstream-rejected'],
    [41, 503, 'upstream-unavailable'],
    [45, 503, 'upstream-throttled'],
    [99, 502, 'upstream-rejected'],
  ])('return code %i has failed, and was sent once', async (code, status, kind) => {
    await open();
    vendors.faults.add({ ...rc(code, 'in the words of ownerPass1'), call: 'flushpool' });
    const answer = await flush({ targets: ['bi-pool'] });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([status, 'failed']);
    expect(problemOf(answer)).toMatchObject({
      code: kind,
      retryable: status === 503,
      upstream: { target: 'bi-pool', backend: '1010data', httpStatus: 200, code: String(code) },
      operation: { state: 'failed', targets: [{ state: 'failed', calls: [{ code: String(code) }] }] },
    });
    expect(answer.headers['retry-after'] !== undefined).toBe(status === 503);
    expect(answer.text).toContain('in the words of');
    expect(answer.text).not.toContain('ownerPass1');
    expect(calls()).toEqual(['flushpool']);
  });

  it('follows an answered 429 by another try', async () => {
    await open();
    vendors.faults.add({ kind: 'throttle', retryAfter: 0, times: 1, call: 'flushpool' });
    expect((await flush({ targets: ['bi-pool'] })).status).toBe(200);
    expect(vendors.journal.of('flushpool')).toHaveLength(2);
  });

  it('tells whoever must wait too long for how long', async () => {
    await open();
    vendors.faults.add({ kind: 'throttle', retryAfter: 120, call: 'flushpool' });
    const answer = await flush({ targets: ['bi-pool'] });
    expect([answer.status, problemOf(answer).code, problemOf(answer).retryable, answer.headers['retry-after']]).toEqual(
      [503, 'upstream-throttled', true, '120'],
    );
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });

  it('may be sent again when the vendor could not be reached', async () => {
    const own = await startVendors();
    try {
      await open({ vendors: own });
      await own.stop('tentendata');
      const answer = await flush({ targets: ['bi-pool'] });
      expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([
        503,
        'upstream-unavailable',
        true,
      ]);
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      expect(answer.headers['sluice-state']).toBe('failed');
      expect((await look('target=bi-pool')).status).toBe(503);
    } finally {
      await own.close();
    }
  });

  it('is not sent while the circuit is open', async () => {
    await open({ traffic: { breaker: { failures: 1, openMs: 60_000 } } });
    vendors.faults.add({ kind: 'reset-before', times: 1 });
    expect((await flush({ targets: ['bi-pool'] })).status).toBe(424);
    const answer = await flush({ targets: ['bi-pool'] });
    expect([answer.status, problemOf(answer).code, answer.headers['retry-after']]).toEqual([
      503,
      'upstream-unavailable',
      '60',
    ]);
    expect(calls()).toEqual(['flushpool']);
  });

  it('is partial when one target is done and another is not', async () => {
    await open(withSpare);
    vendors.faults.add({ ...rc(5), contains: 'acme_spare' });
    const answer = await flush({ targets: ['bi-pool', 'spare'] });
    expect([answer.status, answer.headers['sluice-state'], answer.headers['sluice-completed']]).toEqual([
      207,
      'partial',
      'false',
    ]);
    expect(operationOf(answer).targets.map(({ state }) => state)).toEqual(['succeeded', 'failed']);
  });

  it('is unknown when one target failed and another is unknown', async () => {
    await open(withSpare);
    vendors.faults.replace([
      { ...rc(5), contains: 'acme_spare' },
      { kind: 'reset-after', contains: 'acme_pool' },
    ]);
    const answer = await flush({ targets: ['bi-pool', 'spare'] });
    expect([answer.status, problemOf(answer).operation?.state]).toEqual([424, 'unknown']);
  });
});

describe('the record', () => {
  it('lists operations newest first, in pages, without those that were only tried', async () => {
    await open();
    await flush({ targets: ['bi-pool'], dryRun: true });
    const made: string[] = [];
    for (const mode of ['forced', 'graceful', 'forced']) {
      made.push(operationOf(await flush({ targets: ['bi-pool'], mode })).id);
    }
    made.push(operationOf(await tune({ infinityToNa: true })).id);
    const all = listOf(await gateway.call('GET', '/operations'));
    expect(new Set(all.items.map(({ id }) => id))).toEqual(new Set(made));
    const times = all.items.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().toReversed());
    const ids: string[] = [];
    let token = '';
    do {
      const page = listOf(await gateway.call('GET', `/operations?limit=3${token}`));
      ids.push(...page.items.map(({ id }) => id));
      token = page.nextPageToken === null ? '' : `&pageToken=${page.nextPageToken}`;
    } while (token !== '');
    expect(ids).toEqual(all.items.map(({ id }) => id));
  });

  it.each([
    ['kind=sessions.tune', 1],
    ['target=bi-pool', 2],
    ['state=failed', 1],
    ['requestedBy=demo-operator', 3],
    ['requestedBy=somebody', 0],
    ['target=bi-pool&state=succeeded&kind=sessions.flush', 1],
  ])('can be searched by %s', async (query, found) => {
    await open();
    await flush({ targets: ['bi-pool'] });
    await tune({ infinityToNa: true });
    vendors.faults.add(rc(37));
    await flush({ targets: ['bi-pool'] });
    expect(listOf(await gateway.call('GET', `/operations?${query}`)).items).toHaveLength(found);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'pageToken=e30', 'kind=flush', 'state=done', 'since=1', 'target='])(
    'cannot be searched by %s',
    async (query) => {
      await openToRefuse();
      const answer = await gateway.call('GET', `/operations?${query}`);
      expect(answer.status).toBe(400);
      expect(problemOf(answer).errors?.[0]?.parameter).toBe(query.split('=')[0]);
    },
  );

  it('holds nothing under an id that nobody was given', async () => {
    await openToRefuse();
    const answer = await gateway.call('GET', '/operations/op_0');
    expect([answer.status, problemOf(answer).code]).toEqual([404, 'not-found']);
  });
});

describe('the targets', () => {
  it('are told with what they can do', async () => {
    await open();
    const { items } = (await gateway.call('GET', '/targets')).body as { items: { name: string }[] };
    const unknown = { state: 'unknown', checkedAt: null, code: null };
    expect(items.find(({ name }) => name === 'bi-pool')).toEqual({
      name: 'bi-pool',
      backend: '1010data',
      description: null,
      labels: { env: 'sandbox' },
      nodes: [],
      abilities: ['look', 'flush'],
      readOnly: false,
      may: ['look', 'flush'],
      health: unknown,
    });
    const user = await gateway.call('GET', '/targets/bi-user', { key: 'sandbox-viewer-key' });
    expect(user.body).toMatchObject({ abilities: ['tune'], may: [], labels: {}, health: unknown });
  });

  it('are as healthy as their traffic showed', async () => {
    await open();
    const health = async () => ((await gateway.call('GET', '/targets/bi-pool')).body as { health: object }).health;
    await look('target=bi-pool');
    expect(await health()).toMatchObject({ state: 'ok', checkedAt: expect.stringMatching(/Z$/), code: null });
    vendors.faults.add(rc(41));
    await flush({ targets: ['bi-pool'] });
    expect(await health()).toMatchObject({ state: 'failing', code: 'upstream-unavailable' });
  });
});

describe('the log', () => {
  it('has one line a request, without addresses or secrets', async () => {
    await open();
    const traceId = 'c'.repeat(32);
    const headers = { 'x-request-id': 'r-2', traceparent: `00-${traceId}-${'d'.repeat(16)}-01` };
    await gateway.call('GET', '/processes?target=bi-pool&user=sue', { headers });
    await tune({ infinityToNa: true });
    const { encryptedPassword, sid } = vendors.tentendata.session('acme_owner')!;
    // A request is logged once its answer is out.
    const lines = await until(
      () => gateway.log.filter((line) => 'route' in line),
      ({ length }) => length === 2,
    );
    expect(lines[0]).toMatchObject({
      level: 'info',
      requestId: 'r-2',
      traceId,
      caller: 'demo-operator',
      method: 'GET',
      route: '/processes',
      status: 200,
      durationMs: expect.any(Number),
    });
    const text = JSON.stringify(gateway.log);
    for (const secret of ['ownerPass1', 'sandbox-demo-key', encryptedPassword, `"${sid}"`, 'sue']) {
      expect(text).not.toContain(secret);
    }
  });
});
