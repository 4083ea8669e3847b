import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import {
  demoKeys,
  openGateway,
  operationOf,
  problemOf,
  type Answer,
  type CallOptions,
  type Gateway,
} from './gateway.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  gateway = await openGateway({ vendors, signed: true });
});

afterEach(() => gateway.close());

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const one: Asked = { method: 'DELETE', path: '/processes?target=orders&node=primary&id=2075425' };
const other: Asked = { method: 'DELETE', path: '/processes?target=orders&node=primary&id=2075426' };

function ask({ method, path, body }: Asked, headers: CallOptions['headers'], key?: string): Promise<Answer> {
  return gateway.call(method, path, {
    ...(body === undefined ? {} : { body }),
    ...(headers && { headers }),
    ...(key === undefined ? {} : { key }),
  });
}

const under = (key: string, more: Readonly<Record<string, string>> = {}) => ({ 'idempotency-key': key, ...more });
const idOf = (answer: Answer): string => answer.headers['sluice-operation'] ?? '';
const calls = (): readonly string[] => mutationsOf(vendors).map(([call]) => call);

describe('the same request under the same key', () => {
  it.each<[string, Asked, string]>([
    ['a kill', one, 'delete-processes'],
    [
      'a kill by a body',
      { method: 'DELETE', path: '/processes', body: { target: 'orders', node: 'primary', ids: ['2075425'] } },
      'delete-processes',
    ],
    ['a flush', { method: 'POST', path: '/sessions/flush', body: { targets: ['bi-pool'] } }, 'flushpool'],
    [
      'a tune',
      { method: 'POST', path: '/sessions/tune', body: { target: 'bi-user', settings: { infinityToNa: true } } },
      'session',
    ],
  ])('is carried out once: %s', async (_name, asked, call) => {
    const first = await ask(asked, under('k-1'));
    expect([first.status, first.headers['idempotent-replayed']]).toEqual([200, undefined]);
    const again = await ask(asked, under('k-1', { 'x-request-id': 'another-try' }));
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.headers).toMatchObject({
      'sluice-operation': idOf(first),
      'sluice-state': 'succeeded',
      'sluice-completed': first.headers['sluice-completed'],
    });
    expect(again.body).toEqual({ ...operationOf(first), replayed: true });
    expect(calls()).toEqual([call]);
  });

  it('is the same in whatever order its members and parameters stand', async () => {
    const first = await ask(
      { method: 'POST', path: '/sessions/flush', body: '{"targets":["bi-pool"],"mode":"forced"}' },
      under('k-1'),
    );
    const again = await ask(
      { method: 'POST', path: '/sessions/flush', body: '{ "mode": "forced", "targets": ["bi-pool"] }' },
      under('k-1'),
    );
    expect([again.status, idOf(again)]).toEqual([200, idOf(first)]);
    const turned = { method: 'DELETE', path: '/processes?id=2075425&node=primary&target=orders' };
    expect(idOf(await ask(turned, under('k-2')))).toBe(idOf(await ask(one, under('k-2'))));
    expect(calls()).toEqual(['resetpool', 'delete-processes']);
  });

  it('is answered as things stand now: what was refused by the vendor, and what was partial', async () => {
    const status = { kind: 'status', vendor: 'taurusdb', call: 'delete-processes', times: 1 } as const;
    vendors.faults.add({ ...status, status: 503 });
    const unknown = await ask(one, under('k-1'));
    expect(unknown.status).toBe(424);
    const again = await ask(one, under('k-1'));
    expect(again).toMatchObject({ status: 424, headers: { 'idempotent-replayed': 'true' } });
    expect(problemOf(again)).toMatchObject({ code: 'outcome-unknown', operation: { id: idOf(unknown) } });
    const both = { method: 'DELETE', path: '/processes?target=orders&id=2075426&id=77' };
    const partial = await ask(both, under('k-2'));
    expect([partial.status, (await ask(both, under('k-2'))).status]).toEqual([207, 207]);
    expect(calls()).toEqual(['delete-processes', 'delete-processes']);
  });

  it('is carried out after all where nothing was done and the same call may be sent again', async () => {
    vendors.faults.add({ kind: 'status', vendor: 'taurusdb', call: 'list-processes', status: 503 });
    const headers = under('k-1', { 'x-request-id': 'try-1' });
    for (const sent of [headers, { 'x-request-id': 'try-2' }]) {
      const failed = await ask(one, sent);
      expect([failed.status, problemOf(failed).retryable]).toEqual([503, true]);
      const again = await ask(one, sent);
      expect([again.status, again.headers['idempotent-replayed']]).toEqual([503, undefined]);
      expect(idOf(again)).not.toBe(idOf(failed));
    }
    vendors.reset();
    const done = await ask(one, headers);
    expect([done.status, done.headers['idempotent-replayed']]).toEqual([200, undefined]);
    expect(await ask(one, headers)).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('is answered as before where nothing was done, and would not be the next time', async () => {
    const body = '{"errCode":"DBS.280110","externalMessage":"No."}';
    vendors.faults.add({
      kind: 'reply',
      vendor: 'taurusdb',
      call: 'delete-processes',
      status: 400,
      contentType: 'application/json',
      body,
    });
    const failed = await ask(one, under('k-1'));
    expect([failed.status, problemOf(failed).retryable]).toEqual([502, false]);
    expect(await ask(one, under('k-1'))).toMatchObject({ status: 502, headers: { 'idempotent-replayed': 'true' } });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('is a 409 while the first is unanswered, and says where to follow it', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds: 1500 });
    const first = ask(one, under('k-1'));
    await vendors.journal.arrival('delete-processes');
    const early = await ask(one, under('k-1'));
    expect(early.status).toBe(409);
    expect(problemOf(early)).toMatchObject({ code: 'request-in-progress', retryable: true });
    expect(early.headers['retry-after']).toMatch(/^\d+$/);
    expect(early.headers['idempotent-replayed']).toBeUndefined();
    const followed = await gateway.call('GET', early.headers['location'] ?? '');
    expect(operationOf(followed)).toMatchObject({ id: idOf(await first), state: 'succeeded' });
    expect(await ask(one, under('k-1'))).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('is told how it stands once the first was answered, though it still runs', async () => {
    vendors.huawei.knobs.jobMs = 1500;
    const asked = { method: 'POST', path: '/sessions/flush', body: { targets: ['carts'], mode: 'forced' } };
    const first = await ask(asked, under('k-1', { prefer: 'respond-async' }));
    const again = await ask(asked, under('k-1'));
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers).toMatchObject({ location: first.headers['location'], 'idempotent-replayed': 'true' });
    const ended = await gateway.call('GET', again.headers['location'] ?? '');
    expect(operationOf(ended).state).toBe('succeeded');
    expect((await ask(asked, under('k-1'))).status).toBe(200);
    expect(calls()).toEqual(['kill-all-clients']);
  });

  it('is one vendor call, however many come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(one, under('k-1'))));
    expect(calls()).toEqual(['delete-processes']);
    const [first, ...none] = answers.filter(
      ({ status, headers }) => status === 200 && headers['idempotent-replayed'] === undefined,
    );
    expect(none).toEqual([]);
    const others = answers.filter((answer) => answer !== first);
    expect(others).toHaveLength(49);
    for (const { status, headers } of others) {
      const named = status === 409 ? headers['location'] : `/operations/${headers['sluice-operation'] ?? ''}`;
      expect([named, [200, 409].includes(status)]).toEqual([`/operations/${idOf(first!)}`, true]);
    }
    expect(threadsOf(vendors).has('2075425')).toBe(false);
  });
});

describe('a key', () => {
  it.each<[string, Asked]>([
    ['the kill of another process', other],
    ['the same kill for another reason', { ...one, path: `${one.path}&reason=else` }],
    ['a dry run of it', { ...one, path: `${one.path}&dryRun=true` }],
    ['a flush', { method: 'POST', path: '/sessions/flush', body: { targets: ['bi-pool'] } }],
  ])('is not taken for another request: %s', async (_name, asked) => {
    const first = await ask(one, under('k-1'));
    const second = await ask(asked, under('k-1'));
    expect(second.status).toBe(422);
    expect(problemOf(second)).toMatchObject({ code: 'idempotency-key-reused', retryable: false });
    expect(second.headers).toMatchObject({ location: `/operations/${idOf(first)}`, 'sluice-state': 'failed' });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('belongs to its caller', async () => {
    const mine = await ask(one, under('k-1'));
    const theirs = await ask(other, under('k-1'), demoKeys.admin);
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(theirs.headers['idempotent-replayed']).toBeUndefined();
    expect(calls()).toEqual(['delete-processes', 'delete-processes']);
  });

  it('is free again after a call that was refused', async () => {
    for (const query of ['target=orders&state=idle&max=1', 'target=orders&node=nowhere&id=1', 'target=nobody&id=1']) {
      const refused = await ask({ method: 'DELETE', path: `/processes?${query}` }, under('k-1'));
      expect([refused.status >= 400, idOf(refused)]).toEqual([true, '']);
    }
    expect(await ask(one, under('k-1'))).toMatchObject({ status: 200 });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('gives the plan of a dry run again', async () => {
    const tried = { ...one, path: `${one.path}&dryRun=true` };
    const first = operationOf(await ask(tried, under('k-1')));
    const again = operationOf(await ask(tried, under('k-1')));
    expect(first.plan?.id).toMatch(/^plan_/);
    expect(again).toEqual({ ...first, replayed: true });
  });

  it('stands before the plan that it used up', async () => {
    const { plan } = operationOf(await ask({ ...one, path: `${one.path}&dryRun=true` }, {}));
    const asked = { method: 'DELETE', path: `/processes?plan=${plan?.id ?? ''}` };
    expect((await ask(asked, under('k-1'))).status).toBe(200);
    expect(await ask(asked, under('k-1'))).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(problemOf(await ask(asked, under('k-2'))).code).toBe('plan-gone');
    expect(calls()).toEqual(['delete-processes']);
  });

  it.each(['', 'x'.repeat(256), 'two words', 'clé'])('must be 1 to 255 visible ASCII characters: %p', async (key) => {
    const headers = { 'idempotency-key': key };
    const answer = await ask(one, headers);
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'invalid-request']);
    expect(problemOf(answer).detail).toContain('Idempotency-Key');
    expect(calls()).toEqual([]);
  });

  it('must come once', async () => {
    const answer = await gateway.call(one.method, one.path, { headers: { 'idempotency-key': ['k-1', 'k-2'] } });
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'invalid-request']);
  });

  it('may be of 255 characters of any visible kind', async () => {
    const key = '"~!'.repeat(85);
    const first = await ask(one, under(key));
    expect(idOf(await ask(one, under(key)))).toBe(idOf(first));
  });
});

describe('without a key', () => {
  it('an X-Request-Id that came with the call stands for one, for the same request', async () => {
    const headers = { 'x-request-id': 'night-1' };
    const first = await ask(one, headers);
    const again = await ask(one, headers);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(idOf(again)).toBe(idOf(first));
    const second = await ask(other, headers);
    expect(second).toMatchObject({ status: 200 });
    expect(second.headers['idempotent-replayed']).toBeUndefined();
    const elses = await ask(one, headers, demoKeys.admin);
    expect(elses.headers['idempotent-replayed']).toBeUndefined();
    expect(calls()).toEqual(['delete-processes', 'delete-processes', 'delete-processes']);
  });

  it('an id that Sluice made stands for none, nor does one that it replaced', async () => {
    for (const headers of [{}, {}, { 'x-request-id': 'no good' }, { 'x-request-id': 'no good' }]) {
      const answer = await ask(one, headers);
      expect(answer.headers['idempotent-replayed']).toBeUndefined();
    }
    expect(calls()).toHaveLength(4);
  });

  it('a key goes before the id of the request', async () => {
    const first = await ask(one, under('k-1', { 'x-request-id': 'night-1' }));
    const second = await ask(one, under('k-2', { 'x-request-id': 'night-1' }));
    expect(idOf(second)).not.toBe(idOf(first));
    expect(calls()).toHaveLength(2);
  });
});
