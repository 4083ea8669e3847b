import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DCS } from '../sandbox/huawei/dcs/seed.ts';
import { GAUSSDB } from '../sandbox/huawei/gaussdb/seed.ts';
import { GEMINIDB } from '../sandbox/huawei/geminidb/seed.ts';
import { TAURUSDB } from '../sandbox/huawei/taurusdb/seed.ts';
import type { TaurusNode } from '../sandbox/huawei/taurusdb/threads.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, type Config, type Gateway } from './gateway.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
});

afterAll(async () => {
  await vendors.close();
});

beforeEach(async () => {
  vendors.reset();
  gateway = await openGateway({ vendors, change });
});

afterEach(() => gateway.close());

const place = (component: string, node: string = GAUSSDB.nodeId) => ({
  instanceId: GAUSSDB.instanceId,
  nodeId: node,
  componentId: component,
});
const unnamed = [`${GAUSSDB.nodeId}/dn_6001`, `${GAUSSDB.secondNodeId}/dn_6002`];

function change({ targets }: Config): void {
  targets.push({
    ...{ name: 'half', backend: 'gaussdb', connection: 'huawei', instanceId: GAUSSDB.instanceId },
    nodes: [{ name: 'cn', id: GAUSSDB.nodeId, component: 'cn_5001' }],
  });
  targets.push({ name: 'shop', backend: 'taurusdb', connection: 'huawei', instanceId: TAURUSDB.instanceId });
  targets.push({
    ...{ name: 'cache', backend: 'dcs', connection: 'huawei', instanceId: DCS.instanceId },
    nodes: [{ name: 'replica', id: DCS.secondNodeId }],
  });
  // One thing under two names is refused.
  for (const name of ['ledger', 'orders', 'carts'])
    targets.splice(
      targets.findIndex((one) => one.name === name),
      1,
    );
}
const calls = (call: string): number => vendors.journal.of(call).filter(({ answer }) => answer?.status === 200).length;

/** The nodes of the instance, open to what happens to them. */
const nodes = (): TaurusNode[] => {
  const instance = vendors.huawei.taurusdb.instances.find(({ id }) => id === TAURUSDB.instanceId)!;
  return instance.nodes as TaurusNode[];
};

describe('nodes that nobody configured', () => {
  it('are found, and asked for once', async () => {
    const { items, targets } = lookOf(await gateway.call('GET', '/processes?target=shop&limit=1000'));
    expect(new Set(items.map(({ node }) => node))).toEqual(new Set([TAURUSDB.nodeId, TAURUSDB.secondNodeId]));
    expect(targets).toMatchObject([{ status: 'ok', complete: true }]);
    expect(targets[0]).not.toHaveProperty('nodesUnseen');
    const id = String(vendors.huawei.taurusdb.threads({ ...TAURUSDB, nodeId: TAURUSDB.secondNodeId })[0]!.id);
    const killed = operationOf(await gateway.call('DELETE', `/processes?target=shop&id=${id}`));
    expect(killed.targets[0]!.items).toMatchObject([{ id, node: TAURUSDB.secondNodeId, outcome: 'ended' }]);
    expect(calls('show-instance')).toBe(1);
    const told = await gateway.call('GET', '/targets/shop');
    expect(told.body).toMatchObject({ nodes: [TAURUSDB.nodeId, TAURUSDB.secondNodeId] });
  });

  it('change no configuration by a failover: what is gone is told, and who is new is found', async () => {
    await gateway.call('GET', '/processes?target=shop&limit=0');
    const [primary, replica] = nodes() as [TaurusNode, TaurusNode];
    // The replica leads now, the primary is gone, and a new node is there instead.
    replica.type = 'master';
    const fresh = { ...primary, id: `${'c'.repeat(32)}no07`, type: 'slave' as const, threads: [...primary.threads] };
    nodes().splice(0, 1);
    nodes().push(fresh);
    const id = String(replica.threads[0]!.id);
    const unsure = operationOf(await gateway.call('DELETE', `/processes?target=shop&id=${id}`));
    expect(unsure.targets[0]!.items).toMatchObject([{ id, outcome: 'skipped', why: 'nodeUnseen' }]);
    expect(unsure.targets[0]!.problem).toMatchObject({ code: 'upstream-rejected' });
    expect(calls('delete-processes')).toBe(0);
    const killed = operationOf(await gateway.call('DELETE', `/processes?target=shop&id=${id}`));
    expect(killed.targets[0]!.items).toMatchObject([{ id, node: replica.id, outcome: 'ended' }]);
    const { items, targets } = lookOf(await gateway.call('GET', '/processes?target=shop&limit=1000'));
    expect(new Set(items.map(({ node }) => node))).toEqual(new Set([replica.id, fresh.id]));
    expect(targets).toMatchObject([{ status: 'ok', complete: true }]);
  });
});

describe('nodes beside those that the configuration names', () => {
  it('are told by a look, and counted', async () => {
    const look = lookOf(await gateway.call('GET', '/processes?target=half'));
    expect(look.targets).toMatchObject([{ status: 'ok', complete: false, nodesUnseen: unnamed }]);
    const narrow = lookOf(await gateway.call('GET', '/processes?target=half&node=cn'));
    expect(narrow.targets).toMatchObject([{ status: 'ok', complete: true }]);
    expect(narrow.targets[0]).not.toHaveProperty('nodesUnseen');
    expect(calls('key-view-execute-node')).toBe(1);
    const metrics = await gateway.call('GET', '/metrics');
    expect(metrics.text).toContain('sluice_target_nodes_unseen{target="half"} 2');
  });

  it('are left alone by a flush, which is not all that was asked', async () => {
    const flushed = await gateway.call('POST', '/sessions/flush', { body: { targets: ['half'] } });
    const [target] = operationOf(flushed).targets;
    expect(target).toMatchObject({ state: 'succeeded', completed: false, nodesUnseen: unnamed });
    expect(target!.note).toContain(unnamed.join(', '));
    expect(calls('kill-free-session')).toBe(1);
    expect(flushed.headers['sluice-completed']).toBe('false');
  });

  it('are left alone by a forced flush, which is not sent for the whole instance then', async () => {
    const flushed = await gateway.call('POST', '/sessions/flush', { body: { targets: ['cache'], mode: 'forced' } });
    expect(vendors.journal.of('kill-all-clients').map(({ raw }) => JSON.parse(raw.body.toString()) as unknown)).toEqual(
      [{ node_id: DCS.secondNodeId }],
    );
    const [target] = operationOf(flushed).targets;
    expect(target).toMatchObject({ completed: false, calls: [{ node: 'replica', call: 'clients/kill-all' }] });
    expect(target!.note).toContain(DCS.nodeId);
    expect(target!.nodesUnseen).toEqual([DCS.nodeId]);
  });

  it('are told by the dry run of a flush, with the calls that would be sent', async () => {
    const tried = async (body: object) =>
      operationOf(await gateway.call('POST', '/sessions/flush', { body: { ...body, dryRun: true } }));
    const cache = await tried({ targets: ['cache'], mode: 'forced' });
    expect(cache.calls).toMatchObject([{ node: 'replica', call: 'clients/kill-all', method: 'POST' }]);
    expect(cache.targets).toMatchObject([{ completed: false, nodesUnseen: [DCS.nodeId] }]);
    const half = await tried({ targets: ['half'] });
    expect(half.calls).toMatchObject([{ node: 'cn', call: 'kill-free-session' }]);
    const { items } = lookOf(await gateway.call('GET', '/processes?target=half'));
    const idle = items.filter(({ state }) => state === 'idle').length;
    expect(half.targets).toMatchObject([
      {
        nodesUnseen: unnamed,
        now: { busy: items.length - idle, idle, connected: items.length, complete: false },
      },
    ]);
    expect(half.targets[0]!.note).toContain(unnamed.join(', '));
    const named = await tried({ targets: ['half'], node: 'cn' });
    expect(named.targets).toMatchObject([{ now: { connected: items.length, complete: true } }]);
    expect(named.targets[0]).not.toHaveProperty('nodesUnseen');
    const kill = operationOf(await gateway.call('DELETE', '/processes?target=half&user=app&dryRun=true'));
    expect(kill.targets).toMatchObject([{ nodesUnseen: unnamed }]);
    expect([calls('kill-free-session'), calls('kill-all-clients')]).toEqual([0, 0]);
  });

  it('are left alone by a forced flush of GeminiDB, whose call for a node is another', async () => {
    const flush = async (body: object) =>
      operationOf(await gateway.call('POST', '/sessions/flush', { body: { mode: 'forced', ...body } }));
    const whole = await flush({ targets: ['profiles'], dryRun: true });
    expect(whole.calls).toMatchObject([{ node: null, call: 'delete-instance-sessions' }]);
    const sessions = [{ node: GEMINIDB.nodeId, call: 'delete-sessions' }];
    const tried = await flush({ targets: ['profiles'], node: GEMINIDB.nodeId, dryRun: true });
    expect(tried.calls).toMatchObject([{ ...sessions[0], path: '/v3/{project_id}/redis/nodes/{node_id}/sessions' }]);
    const done = await flush({ targets: ['profiles'], node: GEMINIDB.nodeId });
    expect(done.targets).toMatchObject([{ calls: sessions }]);
  });

  it('may have an id that was named without its node: then nothing is sent for it', async () => {
    const { id } = vendors.huawei.gaussdb.addSession(place('cn_5001'), { userName: 'app' });
    const unsure = operationOf(await gateway.call('DELETE', `/processes?target=half&id=${id}`));
    expect(unsure.targets[0]!.items).toMatchObject([{ id, outcome: 'skipped', why: 'nodeUnseen' }]);
    const sure = operationOf(await gateway.call('DELETE', `/processes?target=half&node=cn&id=${id}`));
    expect(sure.targets[0]!.items).toMatchObject([{ id, outcome: 'ended' }]);
  });

  it('are not known where the vendor does not tell: all goes on, and it is not asked each time', async () => {
    vendors.faults.add({
      vendor: 'gaussdb',
      call: 'key-view-execute-node',
      kind: 'reply',
      status: 403,
      contentType: 'application/json',
      body: '{}',
    });
    for (const limit of [1, 2]) {
      const { targets } = lookOf(await gateway.call('GET', `/processes?target=half&limit=${limit}`));
      expect(targets).toMatchObject([{ status: 'ok', complete: true }]);
    }
    expect(vendors.journal.of('key-view-execute-node').length).toBeLessThan(4);
  });
});
