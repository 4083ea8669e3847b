import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.ts';
import { coordinator, mutationsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  gateway = await openGateway({ vendors, signed: true });
});

afterEach(() => gateway.close());

const look = async (query: string) => lookOf(await gateway.call('GET', `/processes?${query}`));
const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const calls = () => vendors.journal.all().map(({ call }) => call);
const blocked = () => vendors.huawei.gaussdb.sessions(coordinator).find(({ blockedBy }) => blockedBy !== '');

describe('the facts of a session', () => {
  it('tell its transaction, its wait, who blocks it, and its statement', async () => {
    const waiting = blocked();
    const { items } = await look('target=ledger');
    const one = items.find(({ id }) => id === waiting?.id);
    expect(one).toMatchObject({
      waitEvent: 'acquire lock',
      blockedBy: [waiting?.blockedBy],
      statementId: '3141592653',
      busySeconds: expect.any(Number),
    });
    expect(one?.transactionSeconds).toBeGreaterThanOrEqual(120);
    expect(items.find(({ id }) => id === waiting?.blockedBy)).toMatchObject({ blockedBy: [], waitEvent: 'wait cmd' });
    const idle = items.find(({ state }) => state === 'idle');
    expect(idle).toMatchObject({ transactionSeconds: null, blockedBy: [] });
  });

  it('are null where nobody told them', async () => {
    const { items } = await look('target=orders&limit=1');
    expect(items[0]).toMatchObject({ transactionSeconds: null, waitEvent: null, blockedBy: null, statementId: null });
    expect(calls()).not.toContain('lock-wait');
  });

  it('filter, and sort', async () => {
    const waiting = blocked();
    const long = await look('target=ledger&minTransactionSeconds=100&sort=-transactionSeconds');
    expect(long.items.map(({ id }) => id)).toEqual([waiting?.blockedBy, waiting?.id]);
    expect((await look('target=ledger&statementId=3141*')).items.map(({ id }) => id)).toEqual([waiting?.id]);
    const refused = await gateway.call('GET', '/processes?target=carts&blocking=true&minTransactionSeconds=1');
    expect([refused.status, problemOf(refused).code]).toEqual([422, 'unsupported-filter']);
    expect(problemOf(refused).errors?.map(({ parameter }) => parameter)).toEqual(['minTransactionSeconds', 'blocking']);
  });

  it('find who blocks others and is not blocked', async () => {
    const waiting = blocked();
    expect((await look('target=ledger&blocking=true')).items.map(({ id }) => id)).toEqual([waiting?.blockedBy]);
    const others = await look('target=ledger&blocking=false');
    expect(others.items.map(({ id }) => id)).toContain(waiting?.id);
    expect(others.items.map(({ id }) => id)).not.toContain(waiting?.blockedBy);
  });

  it('leave out what is protected', async () => {
    const all = await look('target=orders');
    const free = await look('target=orders&protected=none');
    expect(all.items.filter((one) => one.protected !== null).length).toBeGreaterThan(0);
    expect(free.items).toEqual(all.items.filter((one) => one.protected === null));
    expect((await gateway.call('GET', '/processes?target=orders&protected=vendor')).status).toBe(400);
  });
});

describe('TaurusDB’s lock waits', () => {
  it('are asked for only where they were asked about', async () => {
    const { items, targets } = await look('target=orders&node=primary&blocking=true');
    expect(items).toMatchObject([{ user: 'batch', command: 'Query', blockedBy: [] }]);
    expect(items[0]?.transactionSeconds).toBeGreaterThanOrEqual(1500);
    expect(targets).toMatchObject([{ complete: true, matched: 1 }]);
    expect(calls()).toContain('lock-wait');
    const others = await look('target=orders&node=primary&blocking=false');
    expect(others.items.find(({ blockedBy }) => blockedBy?.length === 1)).toMatchObject({ waitEvent: 'LOCK_WAIT' });
  });

  it('choose whom a kill ends', async () => {
    const answer = operationOf(await kill('target=orders&node=primary&blocking=true'));
    expect(answer.targets[0]?.items).toMatchObject([{ user: 'batch', outcome: 'ended' }]);
    expect(mutationsOf(vendors)).toHaveLength(1);
  });
});

describe('an operation', () => {
  it('tells its items and victims with the facts that they were chosen by', async () => {
    const waiting = blocked();
    const query = 'target=ledger&minTransactionSeconds=100';
    const dry = operationOf(await kill(`${query}&dryRun=true`));
    expect(dry.filterText).toBe('in a transaction for at least 100 s, on ledger');
    const facts = { transactionSeconds: expect.any(Number), ageSeconds: expect.any(Number), idleSeconds: null };
    expect(dry.victims).toEqual(
      expect.arrayContaining([expect.objectContaining({ ...facts, id: waiting?.id, statementId: '3141592653' })]),
    );
    expect(operationOf(await kill(query)).targets[0]?.items).toEqual(
      expect.arrayContaining([expect.objectContaining({ ...facts, id: waiting?.id, statementId: '3141592653' })]),
    );
  });
});
