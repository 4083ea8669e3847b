import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import { ask, bodyOf, standingClock, START } from '../spec-requests.ts';
import { GEMINIDB } from './seed.ts';

const NODE = `/v3/${PROJECT.id}/redis/nodes/${GEMINIDB.nodeId}/sessions`;
const INSTANCE = `/v3/${PROJECT.id}/instances/${GEMINIDB.instanceId}/sessions`;

function cloud() {
  const { geminidb, state } = createHuawei({ clock: standingClock().now });
  const send = (line: string, body?: unknown) => ask(geminidb, START, line, body);
  return { send, alive: (node: string) => state.geminidb.sessions(node).map(({ id }) => id) };
}

describe('the sessions of a node', () => {
  it('are listed from the newest on, in pages, as strings', () => {
    const { send, alive } = cloud();
    const { total_count, sessions } = bodyOf(send(`GET ${NODE}?offset=1&limit=2`)) as {
      total_count: bigint;
      sessions: Record<string, unknown>[];
    };
    expect([total_count, sessions.map(({ id }) => id)]).toEqual([9n, alive(GEMINIDB.nodeId).toReversed().slice(1, 3)]);
    expect(sessions[0]).toMatchObject({ name: 'checkout', cmd: 'set', multi: '3', idle: '90', age: '7200', db: '1' });
  });

  it('are those of an address, where one is asked for', () => {
    const { send } = cloud();
    expect(bodyOf(send(`GET ${NODE}?addr_prefix=10.9.`))).toEqual({ total_count: 0n, sessions: [] });
  });

  it('end by their ids, or all together', () => {
    const { send, alive } = cloud();
    const [first = '', second = ''] = alive(GEMINIDB.nodeId);
    expect(send(`DELETE ${NODE}`, { is_all: false, session_ids: [first, '9'] })).toMatchObject({
      status: 200,
      body: '{}',
    });
    expect(alive(GEMINIDB.nodeId)[0]).toBe(second);
    expect(send(`DELETE ${NODE}`, { is_all: true }).status).toBe(200);
    expect([alive(GEMINIDB.nodeId).length, alive(GEMINIDB.secondNodeId).length]).toEqual([0, 3]);
  });

  it.each([
    [{ session_ids: ['1'] }, 'is_all'],
    [{ is_all: false }, 'session_ids'],
    [{ is_all: false, session_ids: [1] }, 'session_ids'],
  ])('do not end by %j', (body, member) => {
    expect(bodyOf(cloud().send(`DELETE ${NODE}`, body))).toMatchObject({ error_msg: `Parameter error: ${member}.` });
  });
});

describe('the sessions of an instance', () => {
  it('are listed by node', () => {
    const { node_sessions: nodes } = bodyOf(cloud().send(`GET ${INSTANCE}`)) as { node_sessions: object[] };
    expect(nodes).toMatchObject([
      { node_id: GEMINIDB.nodeId, total_count: 9n },
      { node_id: GEMINIDB.secondNodeId, total_count: 3n },
    ]);
  });

  it('end on one node, or on all', () => {
    const { send, alive } = cloud();
    expect(send(`DELETE ${INSTANCE}?node_id=${GEMINIDB.nodeId}`).status).toBe(200);
    expect([alive(GEMINIDB.nodeId).length, alive(GEMINIDB.secondNodeId).length]).toEqual([0, 3]);
    expect(send(`DELETE ${INSTANCE}`).status).toBe(200);
    expect(alive(GEMINIDB.secondNodeId)).toEqual([]);
  });

  it('are nothing to ask for where there are no proxies', () => {
    const path = INSTANCE.replace(GEMINIDB.instanceId, GEMINIDB.otherInstanceId);
    expect(bodyOf(cloud().send(`GET ${path}`))).toMatchObject({ error_code: 'DBS.280406' });
  });
});
