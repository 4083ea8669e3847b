import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DCS } from '../sandbox/huawei/dcs/seed.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import type { Operation } from '../src/core/model/operation.js';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.ts';
import { rc } from './pool-gateway.ts';
import { mutationsOf, primary } from './safeguards-places.ts';
import { until } from './until.ts';

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

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const read = async (id = ''): Promise<Operation> => operationOf(await gateway.call('GET', `/operations/${id}`));
const toldBy = (answer: Answer): Operation => problemOf(answer).operation ?? operationOf(answer);
const items = ({ targets }: Operation): readonly string[] =>
  targets.flatMap((target) => target.items.map(({ id, outcome, why = '' }) => `${id} ${outcome} ${why}`.trim()));

/** What a vendor answers to a call from now on. */
function tell(call: string, body: object, status = 200): void {
  vendors.faults.add({ kind: 'reply', status, contentType: 'application/json', body: JSON.stringify(body), call });
}

describe('a list that moves while it is read', () => {
  const threads = () =>
    vendors.huawei.taurusdb
      .threads(primary)
      .filter(({ internal }) => !internal)
      .toSorted((one, other) => Number(one.id - other.id));
  const placeOf = (victim: bigint) => threads().findIndex(({ id }) => id === victim);
  const grow = (count: number) => {
    while (threads().length < count) vendors.huawei.taurusdb.addThread(primary);
  };
  const endFirst = (count: number) => {
    for (const { id } of threads().slice(0, count)) vendors.huawei.taurusdb.removeThread(primary, id);
  };
  const arrived = (offset: number) =>
    vendors.journal.of('list-processes').filter(({ raw }) => raw.query.includes(`offset=${offset}&`)).length;

  /** Once the page from there on is asked for, some of the first end: whoever stood behind them slips before it. */
  async function slip(offset: number): Promise<void> {
    const before = arrived(offset);
    await until(
      () => arrived(offset),
      (count) => count > before,
    );
    endFirst(14);
    grow(230);
  }

  beforeEach(async () => {
    await gateway.close();
    gateway = await openGateway({
      vendors,
      signed: true,
      change: ({ connections }) => Object.assign(connections['huawei'] ?? {}, { pagesAtOnce: 1 }),
    });
    grow(230);
    for (const offset of [90, 180]) {
      vendors.faults.add({
        ...{ call: 'list-processes', contains: `offset=${offset}&` },
        ...{ kind: 'latency', milliseconds: 400, when: 'before' },
      });
    }
  });

  it('hides nobody from a look that says it is whole', async () => {
    const victim = threads()[190]!.id;
    const looking = gateway.call('GET', '/processes?target=orders&node=primary&limit=1000');
    await slip(180);
    const { items: shown, targets } = lookOf(await looking);
    expect(placeOf(victim)).toBe(176);
    expect(targets).toMatchObject([{ complete: true }]);
    expect(shown.map(({ id }) => id)).toContain(String(victim));
  });

  it('hides nobody from two looks: a kill that was never executed stays unknown', async () => {
    const victim = threads()[190]!.id;
    vendors.faults.add({ call: 'delete-processes', kind: 'reset-before' });
    const answer = await kill(`target=orders&node=primary&id=${victim}`);
    expect(answer.status).toBe(424);
    await slip(180);
    expect(placeOf(victim)).toBe(176);
    endFirst(placeOf(victim) - 100);
    grow(230);
    await slip(90);
    expect(placeOf(victim)).toBe(86);
    const { id } = toldBy(answer);
    const looks = arrived(0);
    await until(
      () => arrived(0),
      (count) => count > looks,
    );
    expect(items(await read(id))).toEqual([`${victim} unknown`]);
    expect(mutationsOf(vendors)).toEqual([['delete-processes', `{"processes":[${victim}]}`]]);
  });
});

describe('an answer of TaurusDB with one list of two', () => {
  it.each([
    [{ processes_killed: [5] }, ['5 ended', '6 unknown notConfirmed']],
    [{ processes_not_found: [6] }, ['5 unknown notConfirmed', '6 notFound']],
    [{ processes_killed: [5], processes_not_found: null }, ['5 ended', '6 unknown notConfirmed']],
    [{ processes_killed: [5, 6] }, ['5 ended', '6 ended']],
  ])('%j tells of those that it names: %j', async (body, told) => {
    for (const id of [5n, 6n]) vendors.huawei.taurusdb.addThread(primary, { id });
    tell('delete-processes', body);
    const answer = await kill('target=orders&node=primary&id=5&id=6');
    expect(items(toldBy(answer))).toEqual(told);
    expect(answer.status).toBe(told.some((one) => one.includes('unknown')) ? 207 : 200);
    expect(mutationsOf(vendors)).toEqual([['delete-processes', '{"processes":[5,6]}']]);
  });
});

describe('a node of DCS that is not active', () => {
  const second = { instanceId: DCS.instanceId, nodeId: DCS.secondNodeId };
  const scanned = () => vendors.journal.of('scan-clients').map(({ raw }) => raw.body.toString());

  it('is asked all the same, and flushed', async () => {
    vendors.huawei.dcs.setNode(second, { status: 'AddSharding' });
    const { targets, items: shown } = lookOf(await gateway.call('GET', '/processes?target=carts&limit=1000'));
    expect(targets).toMatchObject([{ status: 'ok', complete: true }]);
    expect(new Set(shown.map(({ node }) => node)).size).toBe(2);
    expect(scanned().join()).toContain(DCS.secondNodeId);
    const answer = await flush({ targets: ['carts'] });
    expect(answer.headers).toMatchObject({ 'sluice-state': 'succeeded', 'sluice-completed': 'true' });
    expect(mutationsOf(vendors).map(([, body]) => (JSON.parse(body) as { node_id: string }).node_id)).toEqual(
      expect.arrayContaining([DCS.nodeId, DCS.secondNodeId]),
    );
  });

  it('that cannot be listed is reported, and its part of a flush is not done', async () => {
    vendors.huawei.dcs.setNode(second, { status: 'Inactive' });
    const look = await gateway.call('GET', '/processes?target=carts&limit=1000');
    expect(look.headers['sluice-completed']).toBe('false');
    expect(lookOf(look).targets).toMatchObject([{ status: 'failed', complete: false }]);
    const answer = await flush({ targets: ['carts'] });
    expect([answer.status, answer.headers['sluice-state'], answer.headers['sluice-completed']]).toEqual([
      207,
      'partial',
      'false',
    ]);
    expect(mutationsOf(vendors).map(([, body]) => (JSON.parse(body) as { node_id: string }).node_id)).toEqual([
      DCS.nodeId,
    ]);
  });
});

describe('return code 1 of 1010data', () => {
  const pool = () => vendors.tentendata.pool('acme_pool');
  const sent = () => mutationsOf(vendors).map(([call]) => call);

  it.each([
    ['graceful', 'flushpool', 'Cannot do that now'],
    ['forced', 'resetpool', ''],
  ])('to a %s flush, in words that nobody explains, is unknown: it may be at work', async (mode, call, words) => {
    vendors.faults.add({ ...rc(1, words), call });
    const answer = await flush({ targets: ['bi-pool'], mode });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([424, 'unknown']);
    expect(problemOf(answer)).toMatchObject({ retryable: false, upstream: { code: '1' } });
    expect(toldBy(answer).targets).toMatchObject([{ effect: 'none', calls: [{ call, code: '1' }] }]);
    const [entry] = vendors.journal.of(call);
    expect([entry?.raw.query, entry?.raw.body.toString()]).toEqual([
      `api=${call}&apiversion=3&uid=acme_owner&pswd=ownerPass1&gid=acme_pool`,
      '',
    ]);
    expect(sent()).toEqual([call]);
  });

  it.each([
    ['graceful', 'flushpool'],
    ['forced', 'resetpool'],
  ])('to a %s flush that was at work is settled by looking', async (mode, call) => {
    vendors.faults.add({ ...rc(1, 'Cannot do that now', true), call });
    const { id } = toldBy(await flush({ targets: ['bi-pool'], mode }));
    const later = await until(
      () => read(id),
      ({ state }) => state !== 'unknown',
    );
    expect(later.targets).toMatchObject([
      mode === 'forced' ? { state: 'succeeded', effect: 'ended' } : { state: 'succeeded', effect: 'deferred' },
    ]);
    expect(pool().some(({ loggedIn, marked }) => loggedIn && !marked)).toBe(false);
    expect(sent()).toEqual([call]);
  });

  it.each(['User is not the owner of the group', 'This requires special permissions'])(
    'has failed where its words are known: %s',
    async (words) => {
      vendors.faults.add({ ...rc(1, words), call: 'resetpool' });
      const answer = await flush({ targets: ['bi-pool'], mode: 'forced' });
      expect([answer.status, answer.headers['sluice-state']]).toEqual([502, 'failed']);
      expect(sent()).toEqual(['resetpool']);
    },
  );

  it('to any other call has failed', async () => {
    vendors.faults.add({ ...rc(1, 'Cannot do that now'), call: 'session' });
    const answer = await gateway.call('POST', '/sessions/tune', {
      body: { target: 'bi-user', settings: { infinityToNa: true } },
    });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([502, 'failed']);
    expect(sent()).toEqual(['session']);
  });
});
