import { describe, expect, it } from '@jest/globals';
import { START } from '../spec-requests.ts';
import { DCS } from './seed.ts';
import { cacheCloud, errorOf, PLACE, SECOND } from './spec-cloud.ts';

describe('killing some clients', () => {
  it('ends them by peer at once, with an empty 204', () => {
    const { dcs, post } = cacheCloud();
    const peers = dcs.clients(PLACE).map((client) => client.peer);
    const reply = post('clients/kill', { node_id: DCS.nodeId, client_addrs: [...peers.slice(0, 2), '10.9.9.9:1'] });
    expect([reply.status, reply.body, reply.headers['Content-Type']]).toEqual([204, '', undefined]);
    expect(dcs.clients(PLACE).map((client) => client.peer)).toEqual(peers.slice(2));
    expect(dcs.clients(SECOND)).toHaveLength(12);
  });

  it('does not go by addr', () => {
    const { dcs, post } = cacheCloud();
    const [first] = dcs.clients(PLACE);
    expect(post('clients/kill', { node_id: DCS.nodeId, client_addrs: [first?.addr] }).status).toBe(204);
    expect(dcs.clients(PLACE)).toHaveLength(12);
  });

  it.each<[string, unknown, string]>([
    ['no node', { client_addrs: ['10.0.3.21:33001'] }, 'DCS.4062'],
    ['no clients', { node_id: DCS.nodeId }, 'DCS.4062'],
    ['an empty list', { node_id: DCS.nodeId, client_addrs: [] }, 'DCS.4062'],
    ['an address without a port', { node_id: DCS.nodeId, client_addrs: ['10.0.3.21'] }, 'DCS.4062'],
    ['an unknown node', { node_id: 'f'.repeat(32), client_addrs: ['10.0.3.21:33001'] }, 'DCS.3053'],
    ['an unknown member', { node_id: DCS.nodeId, client_addrs: ['10.0.3.21:33001'], all: true }, 'DCS.4062'],
    ['an empty body', '', 'DCS.4004'],
    ['no JSON', 'all', 'DCS.4005'],
  ])('refuses %s', (_name, body, code) => {
    expect(errorOf(cacheCloud().post('clients/kill', body))).toEqual([400, code]);
  });
});

describe('killing all clients', () => {
  it('goes from INIT over RUNNING to SUCCESS, and only then ends them', () => {
    const { clock, dcs, job, jobId, post } = cacheCloud();
    const id = jobId(post('clients/kill-all', { kill_all_nodes: true }));
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(job(id)).toEqual({
      job_id: id,
      job_type: 'killAllClients',
      status: 'INIT',
      begin_time: String(START),
      end_time: null,
      fail_reason: null,
    });
    clock.pass(100);
    expect(job(id)).toMatchObject({ status: 'RUNNING', end_time: null });
    expect(dcs.clients(PLACE)).toHaveLength(12);
    clock.pass(200);
    expect(dcs.clients(PLACE)).toHaveLength(0);
    expect(dcs.clients(SECOND)).toHaveLength(0);
    expect(job(id)).toMatchObject({ status: 'SUCCESS', end_time: String(START + 300) });
  });

  it.each([
    [{ node_id: DCS.secondNodeId }, 12, 0],
    [{ node_id: DCS.nodeId, kill_all_nodes: false }, 0, 12],
    [{ node_id: DCS.nodeId, kill_all_nodes: true }, 0, 0],
  ])('with %j leaves %d and %d', (body, master, replica) => {
    const { dcs, post } = cacheCloud({ jobMs: 0 });
    expect(post('clients/kill-all', body).status).toBe(200);
    expect([dcs.clients(PLACE).length, dcs.clients(SECOND).length]).toEqual([master, replica]);
  });

  it('refuses another kill of the instance while the job runs, but not a scan', () => {
    const { clock, post, dcs } = cacheCloud();
    post('clients/kill-all', { node_id: DCS.nodeId });
    const [client] = dcs.clients(SECOND);
    const some = { node_id: DCS.secondNodeId, client_addrs: [client?.peer] };
    expect(errorOf(post('clients/kill-all', { kill_all_nodes: true }))).toEqual([400, 'DCS.4957']);
    expect(errorOf(post('clients/kill', some))).toEqual([400, 'DCS.4957']);
    expect(post('clients', { node_id: DCS.nodeId }).status).toBe(200);
    clock.pass(300);
    expect(post('clients/kill', some).status).toBe(204);
    expect(post('clients/kill-all', { kill_all_nodes: true }).status).toBe(200);
  });

  it('refuses anything else while any job of the instance runs, where it takes one at a time', () => {
    const { clock, post, dcs } = cacheCloud({ oneJob: true });
    post('clients', { node_id: DCS.nodeId });
    const [client] = dcs.clients(SECOND);
    const some = { node_id: DCS.secondNodeId, client_addrs: [client?.peer] };
    expect(errorOf(post('clients', { node_id: DCS.secondNodeId }))).toEqual([400, 'DCS.4957']);
    expect(errorOf(post('clients/kill', some))).toEqual([400, 'DCS.4957']);
    expect(errorOf(post('clients/kill-all', { kill_all_nodes: true }))).toEqual([400, 'DCS.4957']);
    clock.pass(300);
    expect(post('clients', { node_id: DCS.secondNodeId }).status).toBe(200);
  });

  it('ends nothing when the job fails', () => {
    const { clock, dcs, job, jobId, post } = cacheCloud();
    dcs.failNextJob();
    const id = jobId(post('clients/kill-all', { kill_all_nodes: true }));
    expect(job(id)).toMatchObject({ status: 'INIT', fail_reason: null });
    clock.pass(300);
    expect(job(id)).toMatchObject({ status: 'FAIL', fail_reason: 'The node did not answer in time.' });
    expect(dcs.clients(PLACE)).toHaveLength(12);
  });

  it('lets clients come back at once, as new ones', () => {
    const { clock, dcs, post } = cacheCloud({ reconnectAfterKillAll: true });
    const before = dcs.clients(PLACE).map((client) => client.peer);
    post('clients/kill-all', { node_id: DCS.nodeId });
    clock.pass(5000);
    expect(dcs.clients(PLACE)).toHaveLength(12);
    expect(dcs.clients(PLACE).filter((client) => before.includes(client.peer))).toEqual([]);
    expect(dcs.clients(PLACE)[0]).toMatchObject({ flags: 'N', connectedAt: START + 300 });
  });

  it.each<[string, unknown, string]>([
    ['neither a node nor all', {}, 'DCS.4062'],
    ['no node and not all', { kill_all_nodes: false }, 'DCS.4062'],
    ['all as a string', { kill_all_nodes: 'true' }, 'DCS.4062'],
    ['an unknown node', { node_id: 'f'.repeat(32) }, 'DCS.3053'],
    ['an unknown member', { kill_all_nodes: true, force: true }, 'DCS.4062'],
    ['an empty body', '', 'DCS.4004'],
  ])('refuses %s', (_name, body, code) => {
    expect(errorOf(cacheCloud().post('clients/kill-all', body))).toEqual([400, code]);
  });
});
