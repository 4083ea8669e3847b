import { describe, expect, it } from '@jest/globals';
import { FOREIGN_PROJECT, PROJECT } from '../account.ts';
import { arrivedAs, bodyOf, permanentKey, signedBy, START } from '../spec-requests.ts';
import { DCS } from './seed.ts';
import { cacheCloud, errorOf, INSTANCE, PLACE } from './spec-cloud.ts';

describe('jobs and nodes', () => {
  it('does not know other jobs', () => {
    const { send } = cacheCloud();
    expect(errorOf(send(`GET /v2/${PROJECT.id}/jobs/${'a'.repeat(32)}`))).toEqual([404, 'DCS.4001']);
    expect(errorOf(send(`GET /v2/${PROJECT.id}/jobs/job-1`))).toEqual([400, 'DCS.4070']);
  });

  it('names the nodes, by either kind of id', () => {
    expect(bodyOf(cacheCloud().send(`GET ${INSTANCE}/logical-nodes`))).toMatchObject({
      instance_id: DCS.instanceId,
      total: 2n,
      nodes: [
        { node_id: DCS.nodeId, node_role: 'redis-server', node_type: 'master', status: 'Active' },
        { node_id: DCS.secondNodeId, node_type: 'slave' },
      ],
    });
  });
});

describe('the emulator', () => {
  it.each([
    [`POST ${INSTANCE}/clients`, 'scan-clients'],
    [`GET ${INSTANCE}/clients?node_id=x`, 'list-clients'],
    [`POST ${INSTANCE}/clients/kill`, 'kill-clients'],
    [`POST ${INSTANCE}/clients/kill-all`, 'kill-all-clients'],
    [`GET ${INSTANCE}/logical-nodes`, 'logical-nodes'],
    [`GET /v2/${PROJECT.id}/jobs/1`, 'show-job'],
    [`GET ${INSTANCE}/tasks/1`, 'unknown'],
  ])('calls %s by its name', (line, call) => {
    expect(cacheCloud().huawei.dcs.callOf(arrivedAs(line))).toBe(call);
  });

  it.each([
    [`/v2/${PROJECT.id}/instances/5560df16`, 400, 'DCS.4061'],
    [`/v2/${PROJECT.id}/instances/00000000-0000-0000-0000-000000000000`, 404, 'DCS.3022'],
    [`/v2/project/instances/${DCS.instanceId}`, 400, 'DCS.4002'],
    [`/v2/${FOREIGN_PROJECT.id}/instances/${DCS.instanceId}`, 401, 'DCS.1004'],
  ])('refuses %s', (path, status, code) => {
    const { send } = cacheCloud();
    expect(errorOf(send(`GET ${path}/logical-nodes`))).toEqual([status, code]);
    expect(errorOf(send(`POST ${path}/clients/kill-all`, { kill_all_nodes: true }))).toEqual([status, code]);
  });

  it('refuses another content type', () => {
    const { huawei } = cacheCloud();
    const arrived = arrivedAs(`POST ${INSTANCE}/clients/kill-all`, { kill_all_nodes: true }, { 'content-type': 'a/b' });
    expect(errorOf(huawei.dcs.answer(signedBy(permanentKey(), START, arrived)))).toEqual([400, 'DCS.4005']);
  });

  it('forgets lists, jobs and kills on reset', () => {
    const { clock, huawei, dcs, list, post, scan } = cacheCloud();
    scan();
    post('clients/kill-all', { kill_all_nodes: true });
    huawei.reset();
    clock.pass(1000);
    expect(dcs.clients(PLACE)).toHaveLength(12);
    expect(list().status).toBe(500);
  });
});
