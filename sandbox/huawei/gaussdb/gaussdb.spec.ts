import { describe, expect, it } from '@jest/globals';
import type { Reply } from '../../exchange.ts';
import { FOREIGN_PROJECT, PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import { arrivedAs, ask, bodyOf, permanentKey, signedBy, standingClock, START } from '../spec-requests.ts';
import { GAUSSDB } from './seed.ts';

const INSTANCE = `/v3/${PROJECT.id}/instances/${GAUSSDB.instanceId}`;
const PLACE = { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' };
const BODY = { node_id: GAUSSDB.nodeId, component_id: 'cn_5001' };
const POSTS = ['kill-free-session', 'real-time-session', 'kill-session'];

function cloud() {
  const huawei = createHuawei({ clock: standingClock().now });
  const { gaussdb } = huawei.state;
  const post = (call: string, body: unknown): Reply => ask(huawei.gaussdb, START, `POST ${INSTANCE}/${call}`, body);
  const get = (query: string): Reply => ask(huawei.gaussdb, START, `GET ${INSTANCE}/components${query}`);
  const list = (more: object = {}) =>
    (bodyOf(post('real-time-session', { ...BODY, ...more })) as { sessions: Record<string, unknown>[] }).sessions;
  return { huawei, gaussdb, post, get, list };
}

describe('killing free sessions', () => {
  it('ends the idle sessions of that component, and none that is in a transaction', () => {
    const { gaussdb, post } = cloud();
    const dataNode = gaussdb.sessions({ ...PLACE, componentId: 'dn_6001' }).length;
    const reply = post('kill-free-session', BODY);
    expect([reply.status, reply.body]).toEqual([200, '{"success":true}']);
    expect(gaussdb.sessions(PLACE).map((session) => session.state)).toEqual([
      'idle in transaction',
      'active',
      'active',
    ]);
    expect(gaussdb.sessions({ ...PLACE, componentId: 'dn_6001' })).toHaveLength(dataNode);
  });

  it('answers success:false and ends nothing when it is told to fail', () => {
    const { gaussdb, post } = cloud();
    gaussdb.failKills();
    const reply = post('kill-free-session', BODY);
    expect([reply.status, reply.body]).toEqual([200, '{"success":false}']);
    expect(gaussdb.sessions(PLACE)).toHaveLength(8);
    expect(post('kill-free-session', BODY).body).toBe('{"success":true}');
  });
});

describe('listing sessions', () => {
  it('gives ids as strings and starts as numbers', () => {
    const { gaussdb, list } = cloud();
    const [first] = list();
    expect(first).toMatchObject({
      session_id: gaussdb.sessions(PLACE)[0]?.id,
      state: 'idle',
      back_end_start: BigInt(START / 1000 - 3600),
      transaction_start: null,
      query_start: BigInt(START / 1000 - 600),
      block_session: '',
    });
    expect(Number.isSafeInteger(Number(first?.session_id))).toBe(false);
  });

  it.each([
    [{ user_name: 'reporting' }, 2],
    [{ client_ip: '10.0.0.9' }, 1],
    [{ database_name: 'ledger' }, 6],
    [{ database_name: 'ledger', user_name: 'root' }, 0],
  ])('filters by %j', (filter, count) => {
    expect(cloud().list({ query_info: filter })).toHaveLength(count);
  });

  it('cuts the list at 200', () => {
    const { gaussdb, list } = cloud();
    for (let added = 0; added < 250; added += 1) gaussdb.addSession(PLACE, { userName: 'many' });
    expect(list()).toHaveLength(200);
    expect(list({ query_info: { user_name: 'many' } })).toHaveLength(200);
  });
});

describe('killing listed sessions', () => {
  it('ends them and names those that it ended', () => {
    const { gaussdb, post } = cloud();
    const ids = gaussdb.sessions(PLACE).map((session) => session.id);
    const asked = [...ids.slice(2, 4), '999'];
    expect(bodyOf(post('kill-session', { ...BODY, session_ids: asked }))).toEqual({
      success: true,
      session_ids: ids.slice(2, 4),
    });
    expect(gaussdb.sessions(PLACE)).toHaveLength(6);
  });

  it('ends nothing when it is told to fail', () => {
    const { gaussdb, post } = cloud();
    const ids = gaussdb.sessions(PLACE).map((session) => session.id);
    gaussdb.failKills();
    expect(bodyOf(post('kill-session', { ...BODY, session_ids: ids }))).toEqual({ success: false, session_ids: [] });
    expect(gaussdb.sessions(PLACE)).toHaveLength(8);
  });

  it.each<[string, object]>([
    ['no ids', {}],
    ['an empty list', { session_ids: [] }],
    ['numbers', { session_ids: [1] }],
    ['ids that are none', { session_ids: ['abc'] }],
  ])('answers 400 to %s', (_name, more) => {
    const reply = cloud().post('kill-session', { ...BODY, ...more });
    expect([reply.status, bodyOf(reply)]).toEqual([
      400,
      { error_code: 'DBS.280001', error_msg: 'Parameter error: session_ids.' },
    ]);
  });
});

describe.each(POSTS)('%s refuses', (call) => {
  const more = call === 'kill-session' ? { session_ids: ['1'] } : {};

  it.each<[string, unknown, string]>([
    ['a component of another node', { ...BODY, component_id: 'dn_6002', ...more }, 'DBS.280676'],
    ['a component without sessions', { ...BODY, component_id: 'cm_1', ...more }, 'DBS.280667'],
    ['a malformed component id', { ...BODY, component_id: 'cn5001', ...more }, 'DBS.280667'],
    ['a malformed node id', { ...BODY, node_id: 'x', ...more }, 'DBS.280407'],
    ['a node of another instance', { ...BODY, node_id: GAUSSDB.otherNodeId, ...more }, 'DBS.216030'],
    ['no node id', { component_id: 'cn_5001', ...more }, 'DBS.280001'],
    ['no component id', { node_id: GAUSSDB.nodeId, ...more }, 'DBS.280001'],
    ['an unknown member', { ...BODY, ...more, force: true }, 'DBS.280001'],
    ['a member of the wrong type', { ...BODY, ...more, node_id: 5 }, 'DBS.280001'],
    ['an empty body', '', 'DBS.200006'],
    ['something that is no JSON', '{"node_id"', 'DBS.280001'],
  ])('%s', (_name, body, code) => {
    const reply = cloud().post(call, body);
    expect(reply.status).toBe(400);
    expect(bodyOf(reply)).toEqual({ error_code: code, error_msg: expect.any(String) });
    expect(reply.headers['X-Request-Id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('another content type', () => {
    const { huawei } = cloud();
    const arrived = arrivedAs(`POST ${INSTANCE}/${call}`, { ...BODY, ...more }, { 'content-type': 'text/json' });
    expect(huawei.gaussdb.answer(signedBy(permanentKey(), START, arrived)).status).toBe(400);
  });

  it.each([
    [`/v3/${PROJECT.id}/instances/${'a'.repeat(32)}in14`, 404, 'DBS.200002'],
    [`/v3/${PROJECT.id}/instances/short`, 400, 'DBS.280404'],
    [`/v3/${FOREIGN_PROJECT.id}/instances/${GAUSSDB.instanceId}`, 403, 'DBS.280015'],
    [`/v3/project/instances/${GAUSSDB.instanceId}`, 400, 'DBS.280408'],
    [`/v2/${PROJECT.id}/instances/${GAUSSDB.instanceId}`, 404, 'APIGW.0101'],
  ])('the path %s', (path, status, code) => {
    const reply = ask(cloud().huawei.gaussdb, START, `POST ${path}/${call}`, { ...BODY, ...more });
    expect(reply.status).toBe(status);
    expect(bodyOf(reply)).toMatchObject({ error_code: code });
  });
});

describe('listing components', () => {
  it('names the components of every node', () => {
    expect(bodyOf(cloud().get(''))).toMatchObject({
      total_count: 2n,
      nodes: [
        { id: GAUSSDB.nodeId, components: [{ id: 'cn_5001' }, { id: 'dn_6001', status: 'Primary' }, { id: 'cm_1' }] },
        { id: GAUSSDB.secondNodeId, components: [{ id: 'dn_6002', role: 'slave', type: 'DN' }] },
      ],
    });
  });

  it.each([
    ['?component_type=CN', 1n, 1],
    ['?component_type=DN&limit=1&offset=1', 2n, 1],
    ['?component_type=GTM', 0n, 0],
    ['?availability_zone_id=ap-southeast-1b', 1n, 1],
    ['?offset=5', 2n, 0],
  ])('narrows by %s', (query, total, listed) => {
    const body = bodyOf(cloud().get(query)) as { nodes: unknown[]; total_count: bigint };
    expect([body.total_count, body.nodes.length]).toEqual([total, listed]);
  });

  it.each(['?limit=0', '?limit=101', '?limit=x', '?offset=-1', '?component_type=XX', '?page=1', '?limit=1&limit=2'])(
    'refuses %s',
    (query) => {
      const reply = cloud().get(query);
      expect([reply.status, bodyOf(reply)]).toMatchObject([400, { error_code: 'DBS.280001' }]);
    },
  );
});

describe('the emulator', () => {
  it.each([...POSTS.map((call) => [`POST ${INSTANCE}/${call}`, call]), [`GET ${INSTANCE}/components`, 'components']])(
    'calls %s by its name',
    (line, call) => {
      expect(cloud().huawei.gaussdb.callOf(arrivedAs(line))).toBe(call);
    },
  );

  it('starts again on reset', () => {
    const { huawei, gaussdb, post } = cloud();
    const before = gaussdb.sessions(PLACE).map((session) => session.id);
    post('kill-free-session', BODY);
    huawei.reset();
    expect(gaussdb.sessions(PLACE).map((session) => session.id)).toEqual(before);
  });
});
