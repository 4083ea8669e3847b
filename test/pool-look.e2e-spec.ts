import { describe, expect, it } from '@jest/globals';
import { untold } from '../src/core/model/process.js';
import { lookOf, operationOf, problemOf } from './gateway.ts';
import {
  calls,
  flush,
  gateway,
  idsOf,
  look,
  open,
  openToRefuse,
  rc,
  useVendors,
  vendors,
  withSpare,
} from './pool-gateway.ts';

useVendors();

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
    const noClocks = { ...untold, idleSeconds: null, busySeconds: null, ageSeconds: null };
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
