import { afterEach, beforeAll, afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from './gateway.js';

const primary = {
  instanceId: 'a23fb62bd61e4e9e9636fd2225f395bein07',
  nodeId: '18663926eacb443d98dc20f8620f28f2no07',
};
const coordinator = {
  instanceId: '3d39c18788b54a919bab633874c159dfin14',
  nodeId: '52c25e148a4a48c293b66ca95565719cno14',
  componentId: 'cn_5001',
};

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(async () => {
  await vendors.close();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(async () => {
  await gateway.close();
});

/** Opens a gateway whose target of that name has these members too. */
async function open(name?: string, members: object = {}, top: object = {}): Promise<void> {
  const change = (config: Config): void => {
    const target = config.targets.find((one) => one.name === name);
    if (target) Object.assign(target, members);
    Object.assign(config, top);
  };
  gateway = await openGateway({ vendors, signed: true, change });
}

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const shown = async (query: string): Promise<readonly string[]> =>
  lookOf(await gateway.call('GET', `/processes?limit=1000&${query}`))
    .items.filter((process) => process.protected !== null)
    .map((process) => `${process.user ?? ''} ${process.application ?? ''} ${process.protected ?? ''}`);
/** The mutating calls that reached a vendor. */
const mutations = (): readonly string[] =>
  vendors.journal
    .all()
    .map(({ call }) => call)
    .filter((call) => /kill|delete|flush|reset/.test(call));

describe('what is protected by itself', () => {
  it('is shown by a look at every backend', async () => {
    await open();
    expect(await shown('target=orders')).toEqual(['rdsAdmin  vendor', 'rdsRepl  replication']);
    expect(await shown('target=ledger')).toEqual([
      'rdsMetric rdsMetric vendor',
      'rdsRepl WalSender to Standby[dn_6002] replication',
    ]);
    expect((await shown('target=carts')).toSorted()).toEqual([
      'default master replication',
      'default replica replication',
    ]);
    expect(await shown('target=bi-pool')).toEqual([]);
  });

  it('is not killed by id', async () => {
    await open();
    const answer = await kill('target=orders&node=primary&id=3000001&id=3000002');
    expect([answer.status, problemOf(answer).code]).toEqual([403, 'protected']);
    expect(problemOf(answer).errors).toHaveLength(2);
    expect(mutations()).toEqual([]);
  });

  it('is skipped beside ids that are killed', async () => {
    await open();
    const answer = await kill('target=orders&node=primary&id=3000001&id=2075425');
    expect(answer.status).toBe(207);
    expect(operationOf(answer).targets[0]?.items.map(({ id, outcome, why }) => [id, outcome, why])).toEqual([
      ['3000001', 'skipped', 'protected'],
      ['2075425', 'ended', undefined],
    ]);
  });

  it('is left out of a kill by filter, and of a flush that Sluice composes', async () => {
    await open();
    const killed = operationOf(await kill('target=orders&user=rds*'));
    expect([killed.state, killed.counts.ended, killed.counts.skipped]).toEqual(['succeeded', 0, 2]);
    await flush({ targets: ['orders'], mode: 'forced' });
    expect(
      vendors.huawei.taurusdb
        .threads(primary)
        .filter(({ internal }) => !internal)
        .map(({ user }) => user),
    ).toEqual(['rdsAdmin', 'rdsRepl']);
  });
});

describe('what is protected by the configuration', () => {
  it('is shown, and not killed', async () => {
    await open('orders', { protect: [{ user: 'root' }, { user: 'batch', state: 'active' }] });
    expect(await shown('target=orders&user=root&user=batch')).toEqual([
      'root  configured',
      'root  configured',
      'batch  configured',
    ]);
    expect((await kill('target=orders&user=root')).status).toBe(200);
    expect(mutations()).toEqual([]);
  });

  it('keeps an id that nobody saw from being sent', async () => {
    await open('orders', { protect: [{ user: 'root' }] });
    const answer = await kill('target=orders&node=primary&id=77');
    expect(operationOf(answer).targets[0]?.items).toMatchObject([{ id: '77', outcome: 'skipped', why: 'notListed' }]);
    expect(mutations()).toEqual([]);
  });

  it('keeps the mass call of the vendor from being made', async () => {
    await open('ledger', { protect: [{ application: 'gsql' }] });
    const { targets } = operationOf(await flush({ targets: ['ledger'] }));
    expect(targets).toMatchObject([{ strategy: 'selective', state: 'succeeded', effect: 'ended' }]);
    expect(new Set(mutations())).toEqual(new Set(['kill-session']));
    const idle = vendors.huawei.gaussdb.sessions(coordinator).filter(({ state }) => state === 'idle');
    expect(idle.map(({ userName }) => userName)).toEqual(['root', 'rdsMetric']);
  });
});

describe('caps', () => {
  it('refuse a kill by filter that ends too many, whole', async () => {
    await open('orders', { maxProcesses: 5, maxShare: 0.2 });
    const answer = await kill('target=orders&user=web');
    expect([answer.status, problemOf(answer).code]).toEqual([422, 'too-many-processes']);
    expect(problemOf(answer).errors).toEqual([
      {
        parameter: 'target',
        message: '20 of 51 connected processes of "orders" match: at most 5 a call (maxProcesses).',
      },
      {
        parameter: 'target',
        message: '20 of 51 connected processes of "orders" match: at most 10, a share of 0.2 (maxShare).',
      },
    ]);
    expect(mutations()).toEqual([]);
  });

  it('do not hold for named ids', async () => {
    await open('orders', { maxProcesses: 1 });
    expect((await kill('target=orders&node=primary&id=2075425&id=2075426')).status).toBe(200);
  });

  it('hold for half of those connected, and fifty, where nothing is configured', async () => {
    await open();
    expect(problemOf(await kill('target=orders&state=idle')).code).toBe('too-many-processes');
    expect((await kill('target=orders&user=web')).status).toBe(200);
  });
});

describe('what is read-only', () => {
  it.each<[string, string | undefined, object, object]>([
    ['a target', 'orders', { readOnly: true }, {}],
    ['the gateway', undefined, {}, { readOnly: true }],
  ])('can be looked at, and not changed: %s', async (_name, name, members, top) => {
    await open(name, members, top);
    expect((await gateway.call('GET', '/processes?target=orders')).status).toBe(200);
    for (const answer of [await kill('target=orders&user=web'), await flush({ targets: ['orders'] })]) {
      expect([answer.status, problemOf(answer).code]).toEqual([409, 'read-only']);
    }
    expect((await gateway.call('GET', '/targets/orders')).body).toMatchObject({ readOnly: true, may: ['look'] });
    expect(mutations()).toEqual([]);
  });
});
