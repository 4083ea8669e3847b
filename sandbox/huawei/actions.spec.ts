import { describe, expect, it } from '@jest/globals';
import { DCS } from './dcs/seed.ts';
import { GAUSSDB } from './gaussdb/seed.ts';
import { createHuawei } from './huawei.ts';
import { arrivedAs, ask, obtainToken, standingClock, START } from './spec-requests.ts';
import { TAURUSDB } from './taurusdb/seed.ts';

const COMPONENT = { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' };
const NODE = { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.secondNodeId };
const CACHE = { instanceId: DCS.instanceId, nodeId: DCS.nodeId };

function cloud() {
  const huawei = createHuawei({ clock: standingClock().now });
  const act = (name: string, input: Record<string, unknown> = {}): unknown => huawei.state.actions[name]?.(input);
  return { huawei, act };
}

describe('actions', () => {
  it.each([
    ['gaussdb.sessions', 'gaussdb.add-sessions', COMPONENT, { session: { userName: 'guest' } }, { userName: 'guest' }],
    ['taurusdb.threads', 'taurusdb.add-threads', NODE, { thread: { db: null, seconds: 5 } }, { db: null }],
    ['dcs.clients', 'dcs.add-clients', CACHE, { client: { flags: 'b' } }, { flags: 'b' }],
  ])('%s shows what %s added', (list, add, place, wish, seen) => {
    const { act } = cloud();
    const before = act(list, place) as unknown[];
    const added = act(add, { ...place, ...wish, count: 3 });
    expect(added).toEqual([0, 1, 2].map(() => expect.objectContaining({ ...seen, id: expect.any(String) })));
    expect(act(list, place)).toEqual([...before, ...(added as unknown[])]);
  });

  it('turn knobs of the right type only', () => {
    const { huawei, act } = cloud();
    expect(act('knobs', { jobMs: 5, reconnectAfterKillAll: true })).toMatchObject({ jobMs: 5, tokenBytes: 2048 });
    expect(huawei.state.knobs.reconnectAfterKillAll).toBe(true);
    expect(() => act('knobs', { jobMs: '5' })).toThrow('no knob jobMs');
    expect(() => act('knobs', { jobs: 5 })).toThrow('no knob jobs');
    expect(() => act('knobs', { rowIds: 'words' })).toThrow('rowIds is one of documented, strings, numbers');
    act('reset');
    expect(huawei.state.knobs.jobMs).toBe(300);
  });

  it('revoke tokens', () => {
    const { huawei, act } = cloud();
    const token = obtainToken(huawei);
    act('iam.revoke-tokens');
    const line = `GET /v3/0611f1bd8b00d5d32f17c017f15b599f/instances/${GAUSSDB.instanceId}/components`;
    expect(huawei.gaussdb.answer(arrivedAs(line, undefined, { 'x-auth-token': token })).status).toBe(401);
  });

  it('make kills and jobs fail', () => {
    const { huawei, act } = cloud();
    act('gaussdb.fail-kills', { calls: 1 });
    act('dcs.fail-next-job', { type: 'killAllClients', reason: 'Told to.' });
    const project = '0611f1bd8b00d5d32f17c017f15b599f';
    const kill = `POST /v3/${project}/instances/${GAUSSDB.instanceId}/kill-free-session`;
    const body = { node_id: GAUSSDB.nodeId, component_id: 'cn_5001' };
    expect(ask(huawei.gaussdb, START, kill, body).body).toBe('{"success":false}');
    act('knobs', { jobMs: 0 });
    ask(huawei.dcs, START, `POST /v2/${project}/instances/${DCS.instanceId}/clients/kill-all`, {
      kill_all_nodes: true,
    });
    expect(huawei.state.dcs.clients(CACHE)).toHaveLength(12);
  });

  it.each([
    ['gaussdb.sessions', {}, 'instanceId'],
    ['gaussdb.sessions', { ...COMPONENT, componentId: 'cn_1' }, 'No component cn_1'],
    ['taurusdb.threads', CACHE, 'No node'],
    ['dcs.add-clients', { ...CACHE, count: -1 }, 'count'],
    ['dcs.add-clients', { ...CACHE, client: { id: '5' } }, 'cannot be given id'],
    ['dcs.fail-next-job', { type: 'scan' }, 'type'],
  ])('%s refuses %j', (name, input, why) => {
    expect(() => cloud().act(name, input)).toThrow(why);
  });
});
