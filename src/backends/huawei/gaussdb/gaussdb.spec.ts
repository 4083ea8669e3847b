import 'reflect-metadata';
import { untold } from '../../../core/model/process.js';
import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../../../../sandbox/huawei/account.ts';
import { GAUSSDB } from '../../../../sandbox/huawei/gaussdb/seed.ts';
import { createHuawei } from '../../../../sandbox/huawei/huawei.ts';
import { permanentKey, START } from '../../../../sandbox/huawei/spec-requests.ts';
import { startedAtOf } from '../../../core/look/same-session.js';
import type { Ref } from '../../../core/model/target.js';
import type { Answer } from '../../../transport/exchange.js';
import { answerOf, answerWith, callAt, connectTo, dozingClock, lineOf, nodeOf, requestOf } from '../spec-cloud.js';
import { gaussdb } from './gaussdb.backend.js';
import {
  decodeKill,
  decodeKillFree,
  decodeList,
  encodeKill,
  encodeKillFree,
  encodeList,
  isSessionId,
} from './gaussdb.wire.js';

const folder = new URL('.', import.meta.url).href;
const [projectId, instanceId] = ['0611f1bd8b00d5d32f17c017f15b599f', '3d39c18788b54a919bab633874c159dfin14'] as const;
const place = nodeOf('cn', '52c25e148a4a48c293b66ca95565719cno14', 'cn_5001');
const malformed = expect.objectContaining({ kind: 'upstream-malformed', sent: 'perhaps' });

describe('the calls of GaussDB', () => {
  it.each([
    ['kill-free-session', encodeKillFree(place)],
    ['real-time-session', encodeList(place)],
    ['kill-session', encodeKill(place, ['139817389311744', '9007199254740993'])],
  ])('%s is sent as documented', (name, request) => {
    expect(request.call).toBe(name);
    expect(lineOf(request, projectId, instanceId)).toEqual(requestOf(folder, name));
  });

  it('end something, but for the list', () => {
    expect([encodeKillFree(place), encodeKill(place, ['1']), encodeList(place)].map((one) => one.mutating)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('the answers of GaussDB', () => {
  it('kill-free-session succeeds as documented', () => {
    expect(() => {
      decodeKillFree(answerOf(folder, 'kill-free-session'));
    }).not.toThrow();
  });

  it.each([{ success: false }, { success: 'false', session_ids: [] }])('%j is a refusal', (body) => {
    const answer = answerWith(200, body);
    const refused = { kind: 'upstream-rejected', sent: 'refused' };
    expect(() => {
      decodeKillFree(answer);
    }).toThrow(expect.objectContaining(refused));
    expect(() => decodeKill(answer, ['1'])).toThrow(expect.objectContaining(refused));
  });

  it.each([
    ['', 200],
    ['{}', 200],
    ['{"success":1}', 200],
    ['{"success":null}', 200],
    ['{"success":true', 200],
    ['<html>OK</html>', 200],
    ['{"success":true}', 202],
  ])('%j with %s proves nothing', (text, status) => {
    expect(() => {
      decodeKillFree(answerWith(status, text));
    }).toThrow(malformed);
  });

  it('kill-session tells which ended: what it leaves out is unknown', () => {
    expect(decodeKill(answerOf(folder, 'kill-session'), ['139817389311744', '9007199254740993'])).toEqual([
      { id: '139817389311744', outcome: 'unknown', why: 'notConfirmed' },
      { id: '9007199254740993', outcome: 'ended' },
    ]);
    expect(decodeKill(answerWith(200, { success: true }), ['1'])).toEqual([{ id: '1', outcome: 'ended' }]);
    expect(decodeKill(answerWith(200, { success: true, session_ids: null }), ['1'])).toEqual([
      { id: '1', outcome: 'ended' },
    ]);
    expect(() => decodeKill(answerWith(200, { success: true, session_ids: '1' }), ['1'])).toThrow(malformed);
    expect(() => decodeKill(answerWith(200, { success: true, session_ids: ['1', '2'] }), ['1'])).toThrow(malformed);
    expect(() => decodeKill(answerWith(200, { success: true, error_code: 'DBS.1' }), ['1'])).toThrow(malformed);
    expect(() => decodeKill(answerWith(200, '{"success":false,"success":true}'), ['1'])).toThrow(malformed);
  });

  it('real-time-session becomes processes', () => {
    const owner = { target: 'ledger', node: 'cn', now: 1_772_355_600_000 };
    const { processes, complete } = decodeList(answerOf(folder, 'real-time-session'), owner);
    expect(complete).toBe(true);
    const nothing = {
      target: 'ledger',
      backend: 'gaussdb',
      node: 'cn',
      user: null,
      client: null,
      database: null,
      application: null,
      command: null,
      state: null,
      idleSeconds: null,
      busySeconds: null,
      ageSeconds: null,
      ...untold,
      statement: null,
      draining: null,
    };
    expect(processes).toEqual([
      {
        ...nothing,
        id: '139817389311744',
        user: 'ledger_app',
        client: '10.0.0.21:40001',
        database: 'ledger',
        application: 'ledger-api',
        state: 'active',
        busySeconds: 45,
        ageSeconds: 3600,
        transactionSeconds: 45,
        blockedBy: [],
        statementId: '1775616550000',
        statement: 'SELECT account, sum(amount) FROM entry GROUP BY account',
      },
      {
        ...nothing,
        id: '9007199254740993',
        user: 'reporting',
        client: '[2001:db8::7]:40002',
        database: 'ledger',
        state: 'idleInTransaction',
        ageSeconds: 60,
        transactionSeconds: 60,
        waitEvent: 'wait cmd',
        blockedBy: [],
        statement: 'UPDATE entry SET posted = true',
      },
      { ...nothing, id: '3', client: '10.0.0.9', state: 'idleInTransaction', ageSeconds: 10 },
      { ...nothing, id: '4' },
      { ...nothing, id: '5', state: 'idle' },
    ]);
  });

  it.each([1, { user_name: 'x' }, { session_id: '1-2' }])('a row like %j costs that row', (row) => {
    const answer = answerWith(200, { sessions: [row, { session_id: '7' }] });
    const { processes, complete } = decodeList(answer, { target: 'ledger', node: 'cn', now: 0 });
    expect([processes.map(({ id }) => id), complete]).toEqual([['7'], false]);
  });
});

it.each<[object, number | null]>([
  [{ exec_time: 7, query_start: 1 }, 7],
  [{ exec_time: '7' }, 7],
  [{ exec_time: 4_294_967_295 }, null],
  [{ exec_time: -1, query_start: 1_000_000_000 }, 100],
  [{ query_start: 1_000_000_000 }, 100],
  [{ query_start: 1_000_000_000, back_end_start: 1_000_000_050 }, null],
  [{ exec_time: 7, state: 'idle' }, null],
])('a statement of %j has run for %j seconds', (facts, seconds) => {
  const sessions = [{ session_id: '1', state: 'active', ...facts }];
  const { processes } = decodeList(answerWith(200, { sessions }), {
    target: 'ledger',
    node: 'cn',
    now: 1_000_000_100_000,
  });
  expect(processes.map(({ busySeconds }) => busySeconds)).toEqual([seconds]);
});

describe('session ids', () => {
  it.each([
    ['0', true],
    ['139817389311744', true],
    ['18446744073709551615', true],
    ['18446744073709551616', false],
    ['99999999999999999999', false],
    ['0140000000000005', false],
    ['00', false],
    ['', false],
    ['-1', false],
    ['1.5', false],
    ['999999999999999999999', false],
    ['10.0.0.1:5', false],
  ])('%j: %s', (id, expected) => {
    expect(isSessionId(id)).toBe(expected);
  });
});

function ledger(oursAheadMs = 0) {
  const clock = dozingClock(START + oursAheadMs);
  const cloud = createHuawei({ clock: () => clock.now() });
  const { connection, sent, disturbed } = connectTo(cloud, clock, { projectId: PROJECT.id, ...permanentKey() });
  const nodes = [
    { id: GAUSSDB.nodeId, component: 'cn_5001', name: 'cn' },
    { id: GAUSSDB.nodeId, component: 'dn_6001' },
  ];
  const config = { name: 'ledger', backend: 'gaussdb', connection: 'huawei', instanceId: GAUSSDB.instanceId, nodes };
  const at = { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' };
  const alive = () => cloud.state.gaussdb.sessions(at).map((session) => session.id);
  const node = nodeOf('cn', GAUSSDB.nodeId, 'cn_5001');
  return {
    target: gaussdb.make(config, connection),
    cloud,
    clock,
    sent,
    disturbed,
    alive,
    node,
    at,
    call: callAt(clock),
  };
}

const refOf = (id: string): Ref => ({ id, node: 'cn', user: null, client: null, database: null });

describe('a GaussDB target', () => {
  it.each(['seconds', 'milliseconds'] as const)(
    'tells ages alike whether starts are told in %s',
    async (gaussdbTimes) => {
      const { target, cloud, node, call } = ledger();
      cloud.state.knobs.gaussdbTimes = gaussdbTimes;
      const { processes } = await target.look!(node, call);
      const ages = processes.slice(2, 5).map(({ busySeconds, ageSeconds }) => [busySeconds, ageSeconds]);
      expect(ages).toEqual([
        [null, 3600],
        [120, 3600],
        [45, 3600],
      ]);
    },
  );

  const path = `/v3/${PROJECT.id}/instances/${GAUSSDB.instanceId}`;
  const body = `{"node_id":"${GAUSSDB.nodeId}","component_id":"cn_5001"`;

  it('names its nodes', async () => {
    const { target, call, node, sent } = ledger();
    expect(await target.nodes(call)).toEqual([node, nodeOf(`${GAUSSDB.nodeId}/dn_6001`, GAUSSDB.nodeId, 'dn_6001')]);
    expect(sent).toEqual([]);
  });

  it('lists the sessions of one component', async () => {
    const { target, call, node, sent, alive } = ledger();
    const { processes, complete, at } = await target.look!(node, call);
    expect(processes.map(({ id }) => id)).toEqual(alive());
    expect(processes.map(({ state }) => state)).toEqual([
      'idle',
      'idle',
      'idleInTransaction',
      'active',
      'active',
      'idle',
      'idle',
      'idle',
    ]);
    expect(processes[3]).toMatchObject({ busySeconds: 120, ageSeconds: 3600, node: 'cn', application: 'ledger-api' });
    expect([complete, at.getTime()]).toEqual([true, START]);
    expect(sent).toEqual([`POST ${path}/real-time-session ${body}}`]);
  });

  /**
   * A session of an hour with a query of 45 s, by the vendor's clock; our clock, and the time that the answer takes by
   * it.
   */
  async function lasting(oursAheadMs: number, headers: Answer['headers'], tookMs = 0) {
    const { target, call, node, clock, disturbed } = ledger(oursAheadMs);
    const [query_start, back_end_start] = [START - 45_000, START - 3_600_000];
    const session = { session_id: '1', state: 'active', query_start, back_end_start };
    disturbed.push(async () => {
      await clock.sleep(tookMs);
      return answerWith(200, { sessions: [session] }, headers);
    });
    const listing = await target.look!(node, call);
    const [{ busySeconds, ageSeconds } = { ageSeconds: null }] = listing.processes;
    expect(listing.at.getTime()).toBe(START + oursAheadMs + tookMs);
    // Whatever our clock says, it is the same session in any listing.
    expect(startedAtOf({ ageSeconds }, listing)).toBeGreaterThanOrEqual(back_end_start);
    expect(startedAtOf({ ageSeconds }, listing)).toBeLessThan(back_end_start + 1000);
    return [busySeconds, ageSeconds];
  }

  const date = new Date(START).toUTCString();

  it.each([
    ['ten minutes ahead', 600_000],
    ['ten minutes behind', -600_000],
    ['two seconds ahead', 2000],
    ['a second behind', -1000],
  ])("counts by the vendor's time where our clock is %s", async (_name, oursAheadMs) => {
    expect(await lasting(oursAheadMs, { date })).toEqual([45, 3600]);
  });

  it.each([
    ['the answer tells no time', 600_000, {}, 0, 600],
    ['the time in the answer is no time', 600_000, { date: '5' }, 0, 600],
    ['a date has whole seconds', 900, { date }, 0, 0],
    ['the answer took long after it was made', 0, { date }, 8000, 8],
    ['the answer was made late', -8000, { date }, 8000, 0],
  ])('counts by our own time where %s', async (_name, oursAheadMs, headers: Answer['headers'], tookMs, more) => {
    expect(await lasting(oursAheadMs, headers, tookMs)).toEqual([45 + more, 3600 + more]);
  });

  it('says so when the list was cut at 200', async () => {
    const { target, call, node, cloud, at } = ledger();
    for (let more = 0; more < 191; more += 1) cloud.state.gaussdb.addSession(at);
    expect((await target.look!(node, call)).complete).toBe(true);
    cloud.state.gaussdb.addSession(at);
    expect((await target.look!(node, call)).complete).toBe(false);
  });

  it('kills sessions by exact ids', async () => {
    const { target, call, node, sent, alive } = ledger();
    const [first = '', second = ''] = alive();
    const { call: record, ended } = await target.kill!.run(node, [refOf(first), refOf('17')], call);
    expect(ended).toEqual([
      { id: first, outcome: 'ended' },
      { id: '17', outcome: 'unknown', why: 'notConfirmed' },
    ]);
    expect(alive()[0]).toBe(second);
    expect(sent).toEqual([`POST ${path}/kill-session ${body},"session_ids":["${first}","17"]}`]);
    expect(record).toEqual({
      node: 'cn',
      call: 'kill-session',
      code: null,
      message: null,
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      jobId: null,
    });
  });

  it('flushes the free ones by a call of the vendor', async () => {
    const { target, call, node, sent, alive } = ledger();
    expect(await target.flush!.graceful!.run(node, call)).toMatchObject({ is: 'ended' });
    expect(alive()).toHaveLength(3);
    expect(sent).toEqual([`POST ${path}/kill-free-session ${body}}`]);
  });

  it('fails where the vendor says so', async () => {
    const { target, call, node, cloud, alive } = ledger();
    cloud.state.gaussdb.failKills(1);
    await expect(target.flush!.graceful!.run(node, call)).rejects.toMatchObject({ kind: 'upstream-rejected' });
    const [first = ''] = alive();
    cloud.state.gaussdb.failKills(1);
    await expect(target.kill!.run(node, [refOf(first)], call)).rejects.toMatchObject({ sent: 'refused' });
    expect(alive()).toHaveLength(8);
  });

  it('carries the words of a refusal', async () => {
    const { target, call } = ledger();
    const elsewhere = nodeOf('x', GAUSSDB.secondNodeId, 'cn_5001');
    await expect(target.flush!.graceful!.run(elsewhere, call)).rejects.toMatchObject({
      kind: 'upstream-rejected',
      sent: 'refused',
      upstream: { httpStatus: 400, code: 'DBS.280676', message: 'The component is not on the node.' },
    });
  });

  it.each([
    [500, 'upstream-unavailable'],
    [302, 'upstream-malformed'],
  ])('cannot tell what a %s did', async (status, kind) => {
    const { target, call, node, disturbed, sent } = ledger();
    disturbed.push(answerWith(status, '<html></html>'));
    await expect(target.flush!.graceful!.run(node, call)).rejects.toMatchObject({ kind, sent: 'perhaps' });
    expect(sent).toHaveLength(1);
  });

  it('protects what the vendor needs and what copies data', async () => {
    const { target, call, node } = ledger();
    const protectedOn = async (where: typeof node) => {
      const { processes } = await target.look!(where, call);
      return processes.flatMap((process) => {
        const why = target.protects(process);
        return why === null ? [] : [[process.user, why]];
      });
    };
    expect(await protectedOn(node)).toEqual([['rdsMetric', 'vendor']]);
    expect(await protectedOn(nodeOf('dn', GAUSSDB.nodeId, 'dn_6001'))).toEqual([['rdsRepl', 'replication']]);
  });

  it('names the routes of its calls as the vendor writes them', () => {
    const { target } = ledger();
    expect([target.kill?.route, target.flush?.graceful?.route]).toEqual([
      { method: 'POST', path: '/v3/{project_id}/instances/{instance_id}/kill-session' },
      { method: 'POST', path: '/v3/{project_id}/instances/{instance_id}/kill-free-session' },
    ]);
  });

  it('has no forced flush of its own, and nothing to tune', () => {
    const { target } = ledger();
    expect(Object.keys(target.flush ?? {})).toEqual(['graceful']);
    expect(Object.keys(target)).not.toEqual(expect.arrayContaining(['tune']));
  });
});
