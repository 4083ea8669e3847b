import { describe, expect, it } from '@jest/globals';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { startVendors } from '../sandbox/vendors.ts';
import { operationOf, problemOf } from './gateway.ts';
import { calls, flush, gateway, look, open, openToRefuse, rc, useVendors, vendors, withSpare } from './pool-gateway.ts';

useVendors();

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

  it.each(['graceful', 'forced'])(
    'changes nothing when it is only tried, and counts who is busy (%s)',
    async (mode) => {
      await open();
      const answer = await flush({ ...request, mode, dryRun: true });
      expect([answer.status, answer.headers['sluice-state']]).toEqual([200, 'planned']);
      expect(operationOf(answer)).toMatchObject({ state: 'planned', dryRun: true, targets: [{ effect: 'none' }] });
      expect(operationOf(answer).targets[0]?.calls).toEqual([]);
      expect(operationOf(answer).targets[0]?.now).toMatchObject({ busy: 3, idle: 2, connected: 5, complete: true });
      expect(calls()).toEqual(['samstatus']);
    },
  );

  it('is tried where the installation cannot list a pool, too', async () => {
    await open();
    const body = '<out><rc>7</rc><msg>Unknown transaction</msg></out>';
    vendors.faults.add({ call: 'samstatus', kind: 'reply', status: 200, contentType: 'text/xml', body });
    const answer = await flush({ ...request, dryRun: true });
    expect([answer.status, operationOf(answer).state]).toEqual([200, 'planned']);
    expect(operationOf(answer).targets[0]).not.toHaveProperty('now');
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

  it('is unknown after return code 1 in words that nobody explains: it may have timed out inside', async () => {
    await open();
    vendors.faults.add({ ...rc(1, 'in the words of ownerPass1'), call: 'flushpool' });
    const answer = await flush({ targets: ['bi-pool'] });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([424, 'unknown']);
    expect(answer.text).not.toContain('ownerPass1');
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
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
