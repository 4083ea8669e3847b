import 'reflect-metadata';
import { untold } from '../../../core/model/process.js';
import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../../../../sandbox/huawei/account.ts';
import { createHuawei } from '../../../../sandbox/huawei/huawei.ts';
import { permanentKey, START } from '../../../../sandbox/huawei/spec-requests.ts';
import { TAURUSDB } from '../../../../sandbox/huawei/taurusdb/seed.ts';
import type { Ref } from '../../../core/model/target.js';
import { answerOf, answerWith, callAt, connectTo, dozingClock, lineOf, nodeOf, requestOf } from '../spec-cloud.js';
import { taurusdb } from './taurusdb.backend.js';
import { decodeKill, decodeList, encodeKill, encodeList, isThreadId } from './taurusdb.wire.js';

const folder = new URL('.', import.meta.url).href;
const [projectId, instanceId] = ['619d3e78f61b4be68bc5aa0b59edcf7b', 'a23fb62bd61e4e9e9636fd2225f395bein07'] as const;
const place = '18663926eacb443d98dc20f8620f28f2no07';
const owner = { target: 'orders', node: 'primary' };
const malformed = expect.objectContaining({ kind: 'upstream-malformed', sent: 'perhaps' });

describe('the calls of TaurusDB', () => {
  it.each([
    ['list-processes', encodeList(place, 0, 100)],
    ['delete-processes', encodeKill(place, ['2075425', '2075426'])],
  ])('%s is sent as documented', (name, request) => {
    expect(request.call).toBe(name);
    expect(lineOf(request, projectId, instanceId)).toEqual(requestOf(folder, name));
  });

  it('write ids digit by digit, and nothing that is no id', () => {
    expect(encodeKill(place, ['9007199254740993', '9223372036854775807']).body).toBe(
      '{"processes":[9007199254740993,9223372036854775807]}',
    );
    expect(() => encodeKill(place, ['1],"x":[1'])).toThrow(
      expect.objectContaining({ kind: 'internal', sent: 'never' }),
    );
  });
});

describe('the answers of TaurusDB', () => {
  it('delete-processes tells what was killed, as documented', () => {
    expect(decodeKill(answerOf(folder, 'delete-processes'), ['2075425', '2075426'])).toEqual([
      { id: '2075425', outcome: 'ended' },
      { id: '2075426', outcome: 'ended' },
    ]);
  });

  it('delete-processes tells what was not found, and passes over internal threads', () => {
    const ids = ['1', '9007199254740993', '9223372036854775807', '9007199254740992'];
    expect(decodeKill(answerOf(folder, 'delete-processes-some'), ids)).toEqual([
      { id: '1', outcome: 'skipped', why: 'internal' },
      { id: '9007199254740993', outcome: 'notFound' },
      { id: '9223372036854775807', outcome: 'ended' },
      { id: '9007199254740992', outcome: 'skipped', why: 'internal' },
    ]);
  });

  it.each([
    ['', 200],
    ['{}', 200],
    ['{"processes_killed":null,"processes_not_found":null}', 200],
    ['{"processes_killed":[1,7],"processes_not_found":[]}', 200],
    ['{"processes_killed":[],"processes_not_found":[7]}', 200],
    ['{"processes_killed":[1],"processes_not_found":[1]}', 200],
    ['{"processes_killed":[],"processes_killed":[1],"processes_not_found":[]}', 200],
    ['{"processes_killed":[1],"processes_not_found":[],"error_code":"DBS.200005"}', 200],
    ['{"processes_killed":[1e0],"processes_not_found":[1.0e3]}', 200],
    ['{"processes_killed":[1.5],"processes_not_found":[]}', 200],
    ['{"processes_killed":[{}],"processes_not_found":[]}', 200],
    ['{"processes_killed":[1],"processes_not_found":[]', 200],
    ['', 204],
  ])('%j with %s proves nothing', (text, status) => {
    expect(() => decodeKill(answerWith(status, text), ['1'])).toThrow(malformed);
  });

  it.each([
    ['{"processes_killed":[5]}', ['5 ended', '6 unknown']],
    ['{"processes_not_found":["6"]}', ['5 unknown', '6 notFound']],
    ['{"processes_killed":null,"processes_not_found":[]}', ['5 unknown', '6 unknown']],
    ['{"processes_killed":[5,5],"processes_not_found":[],"error_code":null}', ['5 ended', '6 skipped']],
  ])('%s leaves open whom neither list names', (text, expected) => {
    expect(decodeKill(answerWith(200, text), ['5', '6']).map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(
      expected,
    );
  });

  it('a row whose id somebody rounded, or that tells a member twice, is no process', () => {
    const rows = '{"id":1.4e14},{"id":5.0},{"id":6,"id":7},{"id":8,"user":"root","user":"app"},{"id":9}';
    const page = decodeList(answerWith(200, `{"processes":[${rows}],"total_count":5}`), owner);
    expect(page.processes.map(({ id, user }) => [id, user])).toEqual([
      ['5', null],
      ['9', null],
    ]);
    expect(page).toMatchObject({ rows: 5, total: 5 });
  });

  it('list-processes becomes processes', () => {
    const unknown = { ...untold, application: null, ageSeconds: null, draining: null, backend: 'taurusdb', ...owner };
    expect(decodeList(answerOf(folder, 'list-processes'), owner)).toEqual({
      total: 2,
      rows: 2,
      processes: [
        {
          ...unknown,
          id: '2075425',
          user: 'root',
          client: '10.0.0.9:51234',
          database: null,
          command: 'Sleep',
          state: 'idle',
          idleSeconds: 400,
          busySeconds: null,
          statement: null,
        },
        {
          ...unknown,
          id: '9007199254740993',
          user: 'orders_app',
          client: '10.0.1.17:50001',
          database: 'orders',
          command: 'Query',
          state: 'active',
          idleSeconds: null,
          busySeconds: 8,
          statement: "UPDATE orders SET status = 'paid' WHERE id = 17",
        },
      ],
    });
  });

  it('a thread that tells no command has no state and no clocks', () => {
    const { processes } = decodeList(answerWith(200, { processes: [{ id: 1, time: 5 }] }), owner);
    expect(processes[0]).toMatchObject({ id: '1', state: null, idleSeconds: null, busySeconds: null });
  });

  it.each([{ user: 'x' }, { id: '01' }, null])('a row like %j costs that row', (row) => {
    const { processes, rows } = decodeList(answerWith(200, { processes: [row, { id: 2 }], total_count: 2 }), owner);
    expect([processes.map(({ id }) => id), rows]).toEqual([['2'], 2]);
  });
});

describe('thread ids', () => {
  it.each([
    ['0', true],
    ['9223372036854775807', true],
    ['9223372036854775808', false],
    ['01', false],
    ['-1', false],
    ['+1', false],
    ['1.0', false],
    ['1e3', false],
    ['', false],
  ])('%j: %s', (id, expected) => {
    expect(isThreadId(id)).toBe(expected);
  });
});

function orders() {
  const clock = dozingClock(START);
  const cloud = createHuawei({ clock: () => clock.now() });
  const { connection, sent, disturbed } = connectTo(cloud, clock, { projectId: PROJECT.id, ...permanentKey() });
  const nodes = [{ id: TAURUSDB.nodeId, name: 'primary' }, { id: TAURUSDB.secondNodeId }];
  const config = { name: 'orders', backend: 'taurusdb', connection: 'huawei', instanceId: TAURUSDB.instanceId, nodes };
  const at = { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.nodeId };
  const node = nodeOf('primary', TAURUSDB.nodeId);
  return { target: taurusdb.make(config, connection), cloud, sent, disturbed, node, at, call: callAt(clock) };
}

const refOf = (id: string): Ref => ({ id, node: 'primary', user: null, client: null, database: null });

describe('a TaurusDB target', () => {
  const path = `/v3/${PROJECT.id}/instances/${TAURUSDB.instanceId}/nodes/${TAURUSDB.nodeId}/processes`;

  it('names its nodes', async () => {
    const { target, call, node } = orders();
    expect(await target.nodes(call)).toEqual([node, nodeOf(TAURUSDB.secondNodeId, TAURUSDB.secondNodeId)]);
  });

  it('lists all pages', async () => {
    const { target, call, node, cloud, at, sent } = orders();
    for (let more = 0; more < 202; more += 1) cloud.state.taurusdb.addThread(at);
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, complete]).toEqual([250, true]);
    expect(processes.at(-1)).toMatchObject({ id: '9007199254740993', user: 'batch', state: 'idle', idleSeconds: 2500 });
    expect(sent).toEqual([0, 90, 180].map((offset) => `GET ${path}?offset=${String(offset)}&limit=100`));
  });

  it('ends at the last page, even if that is full', async () => {
    const { target, call, node, cloud, at, sent } = orders();
    for (let more = 0; more < 52; more += 1) cloud.state.taurusdb.addThread(at);
    expect((await target.look!(node, call)).processes).toHaveLength(100);
    expect(sent).toHaveLength(1);
  });

  const rows = (from: number, count: number) => Array.from({ length: count }, (_one, index) => ({ id: from + index }));

  it('lists a thread once that moved from one page to the next', async () => {
    const { target, call, node, disturbed } = orders();
    disturbed.push(answerWith(200, { processes: rows(0, 100), total_count: 150 }));
    disturbed.push(answerWith(200, { processes: rows(89, 61), total_count: 151 }));
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, new Set(processes.map(({ id }) => id)).size, complete]).toEqual([150, 150, true]);
  });

  it.each([
    [
      'ends at a short page where no total is told',
      [{ processes: rows(0, 100) }, { processes: rows(90, 13) }],
      103,
      true,
    ],
    ['goes on after a short page if more is told', [rowsOf(0, 50, 60), rowsOf(40, 20, 60)], 60, true],
    ['is not whole where the list became shorter', [rowsOf(0, 50, 60), rowsOf(0, 0, 50)], 50, false],
    [
      'is not whole where threads may have moved past',
      [rowsOf(0, 100, 300), rowsOf(90, 100, 300), ...Array.from({ length: 4 }, () => rowsOf(200, 100, 190))],
      290,
      false,
    ],
    ['is whole where the list only grew', [rowsOf(0, 100, 150), rowsOf(90, 62, 152)], 152, true],
    ['is not whole where the list stops before its end', [rowsOf(0, 1, 5), rowsOf(0, 0, 5)], 1, false],
    ['does not follow a vendor that repeats itself', [rowsOf(0, 100, 999), rowsOf(0, 100, 999)], 100, false],
  ])('%s', async (_name, pages, count, whole) => {
    const { target, call, node, disturbed, sent } = orders();
    disturbed.push(...pages.map((page) => answerWith(200, page)));
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, complete, sent.length]).toEqual([count, whole, pages.length]);
  });

  function rowsOf(from: number, count: number, total_count: number) {
    return { processes: rows(from, count), total_count };
  }

  /** A hundred and twenty threads, of which some have a long statement. What is asked for: offset and limit. */
  function withStatements(mebibytes: Readonly<Record<number, number>>) {
    const { target, call, node, cloud, at, sent } = orders();
    for (let more = 0; more < 72; more += 1) cloud.state.taurusdb.addThread(at);
    const threads = cloud.state.taurusdb.threads(at).filter((thread) => !thread.internal);
    threads.sort((left, right) => (left.id < right.id ? -1 : 1));
    for (const [row, size] of Object.entries(mebibytes)) threads[Number(row)]!.info = 'x'.repeat(size * 1024 * 1024);
    const asked = () => sent.map((line) => line.replace(`GET ${path}?`, ''));
    const ids = threads.map(({ id }) => String(id));
    return { look: () => target.look!(node, call), asked, ids };
  }

  it('asks for fewer threads at once where the statements of a page are too long', async () => {
    const { look, asked, ids } = withStatements({ 12: 9, 55: 9 });
    const { processes, complete } = await look();
    expect([processes.map(({ id }) => id), complete]).toEqual([ids, true]);
    expect(processes[12]?.statement).toBe('x'.repeat(200));
    expect(asked().slice(0, 3)).toEqual(['offset=0&limit=100', 'offset=0&limit=10', 'offset=9&limit=10']);
    expect(asked().at(-1)).toMatch(/limit=100$/);
    expect(asked().length).toBeLessThan(16);
  });

  it('steps over a thread whose statement alone is too long, and says that the list is not whole', async () => {
    const { look, asked, ids } = withStatements({ 55: 17, 119: 17 });
    const { processes, complete } = await look();
    expect([processes.map(({ id }) => id), complete]).toEqual([ids.toSpliced(119, 1).toSpliced(55, 1), false]);
    expect(asked().filter((one) => one.endsWith('limit=1')).length).toBeLessThan(20);
    expect(asked().length).toBeLessThan(60);
  });

  it('kills by exact ids, and tells what became of each', async () => {
    const { target, call, node, sent, cloud, at } = orders();
    const before = cloud.state.taurusdb.threads(at).length;
    const refs = ['9007199254740993', '9007199254740992', '2', '2075425'].map(refOf);
    const { ended, call: record } = await target.kill!.run(node, refs, call);
    expect(ended).toEqual([
      { id: '9007199254740993', outcome: 'ended' },
      { id: '9007199254740992', outcome: 'notFound' },
      { id: '2', outcome: 'skipped', why: 'internal' },
      { id: '2075425', outcome: 'ended' },
    ]);
    expect(cloud.state.taurusdb.threads(at)).toHaveLength(before - 2);
    expect(sent).toEqual([`DELETE ${path} {"processes":[9007199254740993,9007199254740992,2,2075425]}`]);
    expect(record).toMatchObject({ node: 'primary', call: 'delete-processes', code: null, jobId: null });
    expect(record.requestId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('takes as many ids a call as the vendor does', async () => {
    const { target, call, node } = orders();
    const refs = (count: number) => Array.from({ length: count }, (_one, index) => refOf(String(3000 + index)));
    expect((await target.kill!.run(node, refs(target.kill!.batch), call)).ended).toHaveLength(20);
    await expect(target.kill!.run(node, refs(target.kill!.batch + 1), call)).rejects.toMatchObject({
      upstream: { code: 'DBS.280001' },
    });
  });

  it('cannot tell what a call did that was not answered well, and sends it once', async () => {
    const { target, call, node, disturbed, sent } = orders();
    disturbed.push(answerWith(502, '<html>Bad Gateway</html>'));
    await expect(target.kill!.run(node, [refOf('1')], call)).rejects.toMatchObject({ sent: 'perhaps' });
    disturbed.push(answerWith(200, '<html>OK</html>'));
    await expect(target.kill!.run(node, [refOf('1')], call)).rejects.toMatchObject({
      kind: 'upstream-malformed',
      sent: 'perhaps',
    });
    expect(sent).toHaveLength(2);
  });

  it('protects what the vendor needs and what copies data', async () => {
    const { target, call, node } = orders();
    const { processes } = await target.look!(node, call);
    const spared = processes
      .map((process) => [process.user, target.protects(process)])
      .filter(([, why]) => why !== null);
    expect(spared).toEqual([
      ['rdsAdmin', 'vendor'],
      ['rdsRepl', 'replication'],
    ]);
  });

  it('names the route of its kill as the vendor writes it', () => {
    expect(orders().target.kill?.route).toEqual({
      method: 'DELETE',
      path: '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes',
    });
  });

  it('has no mass calls of its own', () => {
    const { target } = orders();
    expect(Object.keys(target)).not.toEqual(expect.arrayContaining(['flush']));
    expect(target.gracefulNote).toContain('transaction');
  });
});
