import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, operationOf, problemOf, type Gateway } from './gateway.ts';
import { coordinator, coordinatorNode, mutationsOf } from './safeguards-places.ts';
import { until } from './until.ts';

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

describe('a kill without an answer, of a session that GaussDB lists no more among its 200', () => {
  const addSession = (clientIp: string) =>
    vendors.huawei.gaussdb.addSession(coordinator, { userName: 'ledger', databaseName: 'books', clientIp });
  const read = async (id = '') => operationOf(await gateway.call('GET', `/operations/${id}`));

  async function killUnanswered(kind: 'reset-before' | 'reset-after') {
    for (let index = 0; index < 250; index += 1) addSession('10.0.0.8');
    const { id } = addSession('10.0.0.9');
    vendors.faults.add({ call: 'kill-session', kind });
    const query = `target=ledger&node=${encodeURIComponent(coordinatorNode)}&client=10.0.0.9&id=${id}`;
    const { operation } = problemOf(await gateway.call('DELETE', `/processes?${query}`));
    expect(operation?.targets[0]?.items).toMatchObject([{ id, outcome: 'unknown', verified: false }]);
    expect(mutationsOf(vendors)).toHaveLength(1);
    return { id, operation: operation?.id };
  }

  it('is settled: it was asked for by its own user, client and database', async () => {
    const { id, operation } = await killUnanswered('reset-after');
    vendors.journal.clear();
    const later = await until(
      () => read(operation),
      ({ state }) => state !== 'unknown',
    );
    expect(later).toMatchObject({ state: 'succeeded' });
    expect(later.targets[0]?.items).toMatchObject([{ id, outcome: 'ended', verified: true }]);
    const asked = vendors.journal.of('real-time-session').map(({ raw }) => JSON.parse(raw.body.toString()) as object);
    expect(asked).toContainEqual({
      ...{ node_id: coordinator.nodeId, component_id: coordinator.componentId },
      query_info: { user_name: 'ledger', client_ip: '10.0.0.9', database_name: 'books' },
    });
    expect(mutationsOf(vendors)).toEqual([]);
  });

  it('is seen alive where it lives', async () => {
    const { id, operation } = await killUnanswered('reset-before');
    const first = (await read(operation)).targets[0]?.items[0]?.lastSeenAt ?? '';
    const later = await until(
      () => read(operation),
      ({ targets }) => (targets[0]?.items[0]?.lastSeenAt ?? '') > first,
    );
    expect(later.targets[0]?.items).toMatchObject([{ id, outcome: 'unknown' }]);
  });
});
