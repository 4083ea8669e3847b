import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from './gateway.ts';
import { coordinator, coordinatorNode, master, mutationsOf, primary, threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  const change = ({ targets }: Config): void => {
    for (const target of targets) if (target.name === 'orders') Object.assign(target, { maxProcesses: 5 });
  };
  gateway = await openGateway({ vendors, signed: true, change });
});

afterEach(() => gateway.close());

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const killListed = (body: object): Promise<Answer> => gateway.call('DELETE', '/processes', { body });
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const idle = () =>
  vendors.huawei.taurusdb
    .threads(primary)
    .filter(({ command, user }) => command === 'Sleep' && user === 'web')
    .toSorted((one, other) => one.since - other.since);

describe('the first of those that fit', () => {
  it('are ended in the order of sort, and the others are counted', async () => {
    const wanted = idle().map(({ id }) => String(id));
    const answer = await kill('target=orders&node=primary&user=web&state=idle&sort=-idleSeconds&first=3');
    expect(answer.status).toBe(200);
    const { counts, targets } = operationOf(answer);
    expect(targets[0]?.items.map(({ id, outcome }) => [id, outcome])).toEqual(
      wanted.slice(0, 3).map((id) => [id, 'ended']),
    );
    expect(counts).toMatchObject({ ended: 3, skipped: wanted.length - 3 });
    expect(wanted.slice(3).every((id) => threadsOf(vendors).has(id))).toBe(true);
  });

  it('are what caps are judged on, and what a plan fixes', async () => {
    const refused = problemOf(await kill('target=orders&node=primary&user=web'));
    expect(refused.code).toBe('too-many-processes');
    expect(refused.detail).toContain('What passes: first=5 with a sort, ids (up to 1000), or a second person');
    const dry = operationOf(await kill('target=orders&node=primary&user=web&sort=-idleSeconds&first=5&dryRun=true'));
    expect(dry).toMatchObject({ refusal: null, counts: { wouldEnd: 5 } });
    expect(dry.filterText).toBe(
      'user is web; the first 5 of these, longest idle first, on orders'.replace('user', 'at primary; user'),
    );
    const done = operationOf(await kill(`plan=${dry.plan?.id ?? ''}`));
    expect(done.counts).toMatchObject({ ended: 5 });
  });

  it('are chosen over all targets, none of them protected', async () => {
    const dry = operationOf(
      await kill('target=orders&target=ledger&user=!nobody&state=idle&first=2&sort=-idleSeconds&dryRun=true'),
    );
    expect(dry.victims?.map(({ target }) => target)).toEqual(['orders', 'orders']);
    expect(dry.protected?.length).toBeGreaterThan(0);
  });

  it('do not stand for everybody, nor beside ids, and are one at least', async () => {
    expect(problemOf(await kill('target=orders&first=1&sort=-idleSeconds')).code).toBe('selection-required');
    expect((await kill('target=orders&node=primary&id=2075425&first=1')).status).toBe(400);
    expect((await kill('target=orders&user=web&first=0')).status).toBe(400);
    expect(mutationsOf(vendors)).toEqual([]);
  });
});

describe('a list of processes', () => {
  const session = () => vendors.huawei.gaussdb.sessions(coordinator)[1]?.id ?? '';

  it('is ended on all its targets', async () => {
    const processes = [
      { target: 'orders', node: 'primary', id: '2075425' },
      { target: 'ledger', node: coordinatorNode, id: session() },
      { target: 'orders', id: 2_075_426 },
      { target: 'orders', node: 'replica', id: '77' },
    ];
    const dry = operationOf(await killListed({ processes, dryRun: true }));
    expect(dry).toMatchObject({ state: 'planned', filterText: 'the processes that are listed: 4, on orders, ledger' });
    expect(dry.victims).toHaveLength(3);
    const answer = await killListed({ processes, reason: 'named by hand' });
    expect(answer.status).toBe(200);
    const { targets, counts } = operationOf(answer);
    expect(counts).toMatchObject({ ended: 3, notFound: 1 });
    expect(targets.map(({ target }) => target)).toEqual(['orders', 'ledger']);
    expect(threadsOf(vendors).has('2075425') || threadsOf(vendors).has('2075426')).toBe(false);
  });

  it('is refused whole, each mistake where it stands', async () => {
    const refused = await killListed({
      processes: [
        { target: 'orders', id: '2075425' },
        { target: 'orders', id: 'x' },
        { target: 'orders', node: 'nowhere', id: '1' },
        { target: 'ghost', id: '1' },
        { target: 'orders' },
      ],
    });
    expect(refused.status).toBe(400);
    expect(problemOf(refused).errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/processes/1/id', '/processes/2/node', '/processes/3', '/processes/4/id']),
    );
    expect((await killListed({ target: 'orders', processes: [{ target: 'orders', id: '1' }] })).status).toBe(400);
    expect((await killListed({ processes: [] })).status).toBe(400);
    const many = Array.from({ length: 1001 }, (_each, at) => ({ target: 'orders', id: String(at + 1) }));
    expect((await killListed({ processes: many })).status).toBe(400);
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it('of protected ones alone is a 403', async () => {
    const answer = await killListed({ processes: [{ target: 'orders', node: 'primary', id: '3000001' }] });
    expect([answer.status, problemOf(answer).code]).toEqual([403, 'protected']);
    expect(problemOf(answer).errors).toMatchObject([{ pointer: '/processes/0' }]);
  });
});

describe('a flush of only some', () => {
  const users = () => vendors.huawei.gaussdb.sessions(coordinator).map(({ userName, state }) => [userName, state]);

  it('is composed, in the grammar of a kill', async () => {
    const answer = operationOf(await flush({ targets: ['ledger'], user: ['reporting'], node: coordinatorNode }));
    expect(answer.targets[0]).toMatchObject({ strategy: 'selective', state: 'succeeded', counts: { ended: 1 } });
    expect(users()).not.toContainEqual(['reporting', 'idle']);
    expect(users()).toContainEqual(['reporting', 'active']);
    expect(mutationsOf(vendors).map(([call]) => call)).toEqual(['kill-session']);
  });

  it('spares others, though it is forced', async () => {
    const dry = operationOf(
      await flush({ targets: ['carts'], mode: 'forced', application: '!catalog*', dryRun: true }),
    );
    expect(dry.plan).not.toBeNull();
    const before = vendors.huawei.dcs.clients(master).filter(({ name }) => name.startsWith('catalog')).length;
    const answer = await flush({ targets: ['carts'], mode: 'forced', application: '!catalog*' });
    expect(answer.status).toBe(200);
    expect(vendors.huawei.dcs.clients(master).filter(({ name }) => name.startsWith('catalog'))).toHaveLength(before);
    expect(mutationsOf(vendors).every(([call]) => call === 'kill-clients')).toBe(true);
  });

  it('is refused where nobody can be left out', async () => {
    const answer = await flush({ targets: ['bi-pool', 'ledger'], user: 'acme_*' });
    expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-filter']);
    expect(problemOf(answer).errors).toMatchObject([{ pointer: '/user' }]);
    expect((await flush({ targets: ['ledger'], user: '!' })).status).toBe(400);
    expect((await flush({ targets: ['ledger'], user: [] })).status).toBe(400);
  });
});
