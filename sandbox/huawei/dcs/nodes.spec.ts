import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../account.ts';
import { bodyOf } from '../spec-requests.ts';
import { DCS } from './seed.ts';
import { cacheCloud, errorOf, INSTANCE } from './spec-cloud.ts';

const PROXIED = `/v2/${PROJECT.id}/instances/${DCS.proxyInstanceId}`;

function proxied(knobs: Parameters<typeof cacheCloud>[0] = {}) {
  const cloud = cacheCloud({ jobMs: 0, ...knobs });
  const list = (nodeId: string) => {
    cloud.send(`POST ${PROXIED}/clients`, { node_id: nodeId });
    return bodyOf(cloud.send(`GET ${PROXIED}/clients?node_id=${nodeId}&limit=100`)) as {
      clients: Record<string, unknown>[];
    };
  };
  return { ...cloud, list };
}

describe('logical nodes', () => {
  it('are told in the types of the official clients', () => {
    const { nodes } = bodyOf(cacheCloud().send(`GET ${INSTANCE}/logical-nodes`)) as { nodes: object[] };
    expect(nodes[0]).toMatchObject({ node_port: '6379', node_type: 'master', status: 'Active', is_access: true });
  });

  it('have the status and the type they are given', () => {
    const { huawei, send, post, job, jobId } = cacheCloud({ jobMs: 0 });
    const place = { instanceId: DCS.instanceId, nodeId: DCS.nodeId };
    huawei.state.actions['dcs.set-node']?.({ ...place, status: 'Inactive', type: 'slave' });
    const { nodes } = bodyOf(send(`GET ${INSTANCE}/logical-nodes`)) as { nodes: object[] };
    expect(nodes[0]).toMatchObject({ status: 'Inactive', node_type: 'slave' });
    expect(job(jobId(post('clients', { node_id: DCS.nodeId })))).toMatchObject({ status: 'FAIL' });
    expect(job(jobId(post('clients', { node_id: DCS.secondNodeId })))).toMatchObject({ status: 'SUCCESS' });
  });
});

describe('an instance with proxies', () => {
  it('lists clients at its proxies alone', () => {
    const { send, list } = proxied();
    const { nodes } = bodyOf(send(`GET ${PROXIED}/logical-nodes`)) as { nodes: Record<string, string>[] };
    expect(nodes.map((node) => [node.node_role, node.node_type])).toEqual([
      ['redis-proxy', 'proxy'],
      ['redis-proxy', 'proxy'],
      ['redis-server', 'master'],
    ]);
    expect(list(DCS.proxyNodeId).clients).toHaveLength(4);
    expect(errorOf(send(`POST ${PROXIED}/clients`, { node_id: DCS.shardNodeId }))).toEqual([400, 'DCS.4027']);
  });

  it.each([true, false])('kills by address, whether rows have a peer or not: %s', (proxyPeers) => {
    const { send, list } = proxied({ proxyPeers });
    const [first] = list(DCS.proxyNodeId).clients;
    expect('peer' in (first ?? {})).toBe(proxyPeers);
    const body = { node_id: DCS.proxyNodeId, client_addrs: [first?.addr] };
    expect(send(`POST ${PROXIED}/clients/kill`, body).status).toBe(204);
    expect(list(DCS.proxyNodeId).clients).toHaveLength(3);
  });

  it('loses the clients of all proxies to a kill of all', () => {
    const { send, list } = proxied();
    send(`POST ${PROXIED}/clients/kill-all`, { kill_all_nodes: true });
    expect([DCS.proxyNodeId, DCS.secondProxyNodeId].map((node) => list(node).clients.length)).toEqual([0, 0]);
  });
});

describe('what is unproven', () => {
  it('is turned by knobs: ids of rows, and refusals for the state of the instance', () => {
    const { listing, scan, send, huawei, job } = cacheCloud({ rowIds: 'numbers', rowsWithoutIds: 2 });
    const scanned = scan();
    expect(listing('&limit=3').clients.map((row) => [typeof row.id, 'peer' in row])).toEqual([
      ['bigint', false],
      ['bigint', false],
      ['bigint', true],
    ]);
    huawei.state.knobs.stateRefusal = 'DCS.4026';
    expect(errorOf(send(`GET ${INSTANCE}/logical-nodes`))).toEqual([400, 'DCS.4026']);
    expect(job(scanned)).toMatchObject({ status: 'SUCCESS' });
  });
});
