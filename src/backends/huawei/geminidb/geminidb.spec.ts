import 'reflect-metadata';
import { untold } from '../../../core/model/process.js';
import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../../../../sandbox/huawei/account.ts';
import { GEMINIDB } from '../../../../sandbox/huawei/geminidb/seed.ts';
import { createHuawei } from '../../../../sandbox/huawei/huawei.ts';
import { permanentKey, START } from '../../../../sandbox/huawei/spec-requests.ts';
import { abilitiesOf, strategyOf } from '../../../core/model/abilities.js';
import type { Ref } from '../../../core/model/target.js';
import { answerOf, answerWith, callAt, connectTo, dozingClock, lineOf, nodeOf, requestOf } from '../spec-cloud.js';
import { geminidb } from './geminidb.backend.js';
import {
  decodeEnded,
  decodeKill,
  decodeList,
  decodeNodes,
  encodeKill,
  encodeKillAll,
  encodeList,
  encodeNodes,
  isSessionId,
} from './geminidb.wire.js';

const folder = new URL('.', import.meta.url).href;
const [projectId, instanceId] = ['619d3e78f61b4be68bc5aa0b59edcf7b', GEMINIDB.instanceId];
const malformed = expect.objectContaining({ kind: 'upstream-malformed', sent: 'perhaps' });

describe('the calls of GeminiDB', () => {
  it.each([
    ['list-sessions', encodeList(GEMINIDB.nodeId, 0), 'list-sessions'],
    ['delete-sessions', encodeKill(GEMINIDB.nodeId, ['1131', '2323']), 'delete-sessions'],
    ['delete-all-sessions', encodeKill(GEMINIDB.nodeId, 'all'), 'delete-sessions'],
    ['delete-instance-sessions', encodeKillAll(), 'delete-instance-sessions'],
    ['list-instance-sessions', encodeNodes(), 'list-instance-sessions'],
  ])('%s is sent as documented', (name, request, vendorsName) => {
    expect(request.call).toBe(vendorsName);
    expect(lineOf(request, projectId, instanceId)).toEqual(requestOf(folder, name));
  });
});

describe('the answers of GeminiDB', () => {
  it('list-sessions becomes processes, whether numbers are written as such or as texts', () => {
    const { processes, rows, total } = decodeList(answerOf(folder, 'list-sessions'), { target: 'profiles', node: 'n' });
    expect([rows, total]).toEqual([3, 3]);
    expect(processes[0]).toEqual({
      id: '1133',
      target: 'profiles',
      backend: 'geminidb',
      node: 'n',
      user: null,
      client: '10.0.5.12:31133',
      database: '0',
      application: 'profiles',
      command: 'get',
      state: 'idle',
      idleSeconds: 300,
      busySeconds: null,
      ageSeconds: 3600,
      ...untold,
      statement: null,
      draining: null,
    });
    expect(processes.map(({ id, state, database }) => [id, state, database])).toEqual([
      ['1133', 'idle', '0'],
      ['1132', 'active', '0'],
      ['1131', 'idleInTransaction', '3'],
    ]);
    expect(processes[1]).toMatchObject({ application: null, client: '[2001:db8::7]:31132' });
  });

  it('a kill ends all, without a word', () => {
    expect(decodeKill(answerOf(folder, 'delete-sessions'), ['1131'])).toEqual([{ id: '1131', outcome: 'ended' }]);
    decodeEnded(answerWith(200, '', { 'content-length': '0' }));
  });

  it.each([
    [200, ''],
    [200, '<html></html>'],
    [200, '[]'],
    [200, '{"error_code":"DBS.301077","error_msg":"Failed to kill."}'],
    [202, '{}'],
    [204, ''],
  ])('%i with %j does not say that anything ended', (status, text) => {
    expect(() => decodeKill(answerWith(status, text), ['1'])).toThrow(malformed);
  });

  it('list-instance-sessions tells the nodes', () => {
    expect(decodeNodes(answerOf(folder, 'list-instance-sessions'))).toEqual([GEMINIDB.nodeId, GEMINIDB.secondNodeId]);
    expect(() => decodeNodes(answerWith(200, { node_sessions: [{}] }))).toThrow(malformed);
    expect(() => decodeNodes(answerWith(200, { node_sessions: [] }))).toThrow(
      expect.objectContaining({ kind: 'upstream-unavailable' }),
    );
  });

  it.each([
    ['1131', true],
    ['0', true],
    ['01', false],
    ['-1', false],
    ['x', false],
    ['', false],
  ])('can name a session by %j: %s', (id, expected) => {
    expect(isSessionId(id)).toBe(expected);
  });
});

function profiles(nodes?: readonly { readonly id: string; readonly name?: string }[]) {
  const clock = dozingClock(START);
  const cloud = createHuawei({ clock: () => clock.now() });
  const { connection, sent } = connectTo(cloud, clock, { projectId: PROJECT.id, ...permanentKey() });
  const config = { name: 'profiles', backend: 'geminidb', connection: 'huawei', instanceId: GEMINIDB.instanceId };
  const target = geminidb.make({ ...config, ...(nodes ? { nodes } : {}) }, connection);
  const alive = (id: string = GEMINIDB.nodeId) => cloud.state.geminidb.sessions(id).map((session) => session.id);
  const lines = () => sent.map((line) => line.replace(`/v3/${PROJECT.id}`, ''));
  return { target, cloud, lines, alive, node: nodeOf(GEMINIDB.nodeId, GEMINIDB.nodeId), call: callAt(clock) };
}

const refOf = (id: string): Ref => ({ id, node: GEMINIDB.nodeId, user: null, client: null, database: null });

describe('a GeminiDB target', () => {
  const path = `/redis/nodes/${GEMINIDB.nodeId}/sessions`;

  it('can be looked at, killed in, and flushed both ways', () => {
    const { target } = profiles();
    expect(abilitiesOf(target)).toEqual(['look', 'flush', 'kill']);
    expect([strategyOf(target, 'graceful'), strategyOf(target, 'forced')]).toEqual(['selective', 'native']);
  });

  it('finds its nodes, unless they are configured', async () => {
    const { target, call, node } = profiles();
    expect(await target.nodes(call)).toEqual([node, nodeOf(GEMINIDB.secondNodeId, GEMINIDB.secondNodeId)]);
    const named = profiles([{ id: GEMINIDB.nodeId, name: 'first' }]);
    expect(await named.target.nodes(named.call)).toEqual([nodeOf('first', GEMINIDB.nodeId)]);
    expect(named.lines()).toEqual([]);
  });

  it('lists all pages', async () => {
    const { target, call, node, cloud, lines } = profiles();
    for (let more = 0; more < 150; more += 1) cloud.state.geminidb.addSession(GEMINIDB.nodeId);
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, complete]).toEqual([159, true]);
    expect(lines()).toEqual([0, 90].map((offset) => `GET ${path}?offset=${String(offset)}&limit=100`));
  });

  it('kills by ids', async () => {
    const { target, call, node, lines, alive } = profiles();
    const [first = '', second = ''] = alive();
    const { ended, call: record } = await target.kill!.run(node, [refOf(first)], call);
    expect([ended, alive()[0]]).toEqual([[{ id: first, outcome: 'ended' }], second]);
    expect(lines()).toEqual([`DELETE ${path} {"is_all":false,"session_ids":["${first}"]}`]);
    expect(record).toMatchObject({ node: GEMINIDB.nodeId, call: 'delete-sessions', code: null });
  });

  it('ends everything on one node, or on the instance', async () => {
    const { target, call, node, lines, alive } = profiles();
    expect(await target.flush!.forced!.run(node, call)).toMatchObject({ is: 'ended' });
    expect([alive().length, alive(GEMINIDB.secondNodeId).length]).toEqual([0, 3]);
    await target.flush!.forced!.run(null, call);
    expect(alive(GEMINIDB.secondNodeId)).toEqual([]);
    expect(lines()).toEqual([`DELETE ${path} {"is_all":true}`, `DELETE /instances/${GEMINIDB.instanceId}/sessions`]);
  });

  it('protects what copies its data', async () => {
    const { target, call, node } = profiles();
    const { processes } = await target.look!(node, call);
    expect(processes.filter((process) => target.protects(process) !== null).map(({ command }) => command)).toEqual([
      'psync',
    ]);
  });
});
