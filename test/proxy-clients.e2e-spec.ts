import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DCS } from '../sandbox/huawei/dcs/seed.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, type Answer, type Gateway } from './gateway.ts';
import { mutationsOf } from './safeguards-places.ts';

const place = { instanceId: DCS.proxyInstanceId, nodeId: DCS.proxyNodeId };

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  gateway = await openGateway({
    vendors,
    signed: true,
    change: ({ targets }) => {
      targets.push({ name: 'baskets', backend: 'dcs', connection: 'huawei', instanceId: DCS.proxyInstanceId });
    },
  });
});

afterEach(() => gateway.close());

const clients = () => vendors.huawei.dcs.clients(place);
const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?target=baskets&${query}`);
const itemsOf = (answer: Answer) =>
  operationOf(answer).targets.flatMap((target) => target.items.map(({ id, outcome, why }) => ({ id, outcome, why })));

describe.each([true, false])('the clients of proxies, their rows with a peer: %s', (proxyPeers) => {
  beforeEach(() => {
    vendors.huawei.knobs.proxyPeers = proxyPeers;
  });

  it('are listed by the one address that they have, all of them', async () => {
    const { items, targets } = lookOf(await gateway.call('GET', '/processes?target=baskets'));
    expect(targets).toMatchObject([{ matched: 6, complete: true }]);
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(clients().map(({ peer }) => peer)));
  });

  it('are ended by it', async () => {
    const [first, second] = clients().map(({ peer }) => peer);
    const answer = await kill(`id=${first}`);
    expect(itemsOf(answer)).toEqual([{ id: first, outcome: 'ended' }]);
    expect(mutationsOf(vendors)).toEqual([
      ['kill-clients', JSON.stringify({ node_id: DCS.proxyNodeId, client_addrs: [first] })],
    ]);
    expect(clients().map(({ peer }) => peer)).not.toContain(first);
    expect(clients().map(({ peer }) => peer)).toContain(second);
  });
});

describe('a client without a peer', () => {
  beforeEach(() => {
    vendors.huawei.knobs.proxyPeers = false;
  });

  it('is not said to have ended where the vendor only says yes to its address', async () => {
    const [first] = clients().map(({ peer }) => peer);
    vendors.faults.add({ kind: 'reply', status: 204, call: 'kill-clients', body: '', contentType: 'text/plain' });
    const answer = await kill(`id=${first}`);
    expect([answer.status, mutationsOf(vendors).length]).toEqual([424, 1]);
    const { operation } = answer.body as { operation: ReturnType<typeof operationOf> };
    expect(operation.targets[0]?.items).toMatchObject([{ id: first, outcome: 'unknown', why: 'notConfirmed' }]);
  });

  it('among others that have one is not known by an address, and the list says that it is not whole', async () => {
    vendors.huawei.knobs.proxyPeers = true;
    vendors.huawei.knobs.rowsWithoutIds = 1;
    const [first, second] = clients().map(({ peer }) => peer);
    const { items, targets } = lookOf(await gateway.call('GET', `/processes?target=baskets&node=${DCS.proxyNodeId}`));
    expect(targets).toMatchObject([{ matched: 3, complete: false }]);
    expect(items.map(({ id }) => id)).not.toContain(first);
    const answer = await kill(`node=${DCS.proxyNodeId}&id=${first}&id=${second}`);
    expect(itemsOf(answer)).toEqual([
      { id: first, outcome: 'skipped', why: 'listCut' },
      { id: second, outcome: 'ended' },
    ]);
  });
});
