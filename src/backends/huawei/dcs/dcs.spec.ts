import 'reflect-metadata';
import { untold } from '../../../core/model/process.js';
import { describe, expect, it } from '@jest/globals';
import { PROJECT } from '../../../../sandbox/huawei/account.ts';
import { DCS } from '../../../../sandbox/huawei/dcs/seed.ts';
import { createHuawei } from '../../../../sandbox/huawei/huawei.ts';
import { permanentKey, START } from '../../../../sandbox/huawei/spec-requests.ts';
import type { Ref } from '../../../core/model/target.js';
import { refusalOf } from '../huawei.wire.js';
import {
  answerOf,
  answerWith,
  blankExchange,
  callAt,
  connectTo,
  dozingClock,
  lineOf,
  nodeOf,
  requestOf,
} from '../spec-cloud.js';
import { decodeKill, decodeList, encodeKill, encodeList, encodeScan, isPeer } from './clients.wire.js';
import { dcs } from './dcs.backend.js';
import { decodeJob, decodeJobId, decodeNodes, encodeJob, encodeKillAll, encodeNodes } from './dcs.wire.js';

const folder = new URL('.', import.meta.url).href;
const instance = { projectId: '0611f1bd8b00d5d32f17c017f15b599f', instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79' };
const nodeId = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';
const job = '8abf6e1e824dfcb201824e02ee9a0015';
const malformed = expect.objectContaining({ kind: 'upstream-malformed', sent: 'perhaps' });

describe('the calls of DCS', () => {
  it.each([
    ['clients-kill-all', encodeKillAll(null), 'clients/kill-all'],
    ['clients-kill-all-node', encodeKillAll(nodeId), 'clients/kill-all'],
    ['scan-clients', encodeScan(nodeId), 'scan-clients'],
    ['list-clients', encodeList(nodeId, 0), 'list-clients'],
    ['clients-kill', encodeKill(nodeId, ['10.0.3.21:33000', '[2001:db8::7]:33003']), 'clients/kill'],
    ['show-job', encodeJob(job), 'show-job'],
    ['logical-nodes', encodeNodes(), 'logical-nodes'],
  ])('%s is sent as documented', (name, request, vendorsName) => {
    expect(request.call).toBe(vendorsName);
    expect(lineOf(request, instance.projectId, instance.instanceId)).toEqual(requestOf(folder, name));
  });

  it('say either of the two things that the printed example says at once', () => {
    const example = JSON.parse(requestOf(folder, 'clients-kill-all-example').body ?? '') as Record<string, unknown>;
    const bodies = [encodeKillAll(nodeId), encodeKillAll(null)].map(({ body }) => body);
    expect(bodies).toEqual(Object.entries(example).map(([name, value]) => JSON.stringify({ [name]: value })));
  });
});

describe('the answers of DCS', () => {
  it('kill-all begins a job', () => {
    expect(decodeJobId(answerOf(folder, 'clients-kill-all'), [])).toBe(job);
    expect(decodeJobId(answerWith(200, { job_id: 1775616550000 }), [])).toBe('1775616550000');
  });

  it('the printed answer of kill-all is no JSON: what it did is not known', () => {
    expect(() => decodeJobId(answerOf(folder, 'clients-kill-all-example'), [])).toThrow(malformed);
  });

  it.each([
    ['', 200],
    ['{}', 200],
    ['{"job_id":null}', 200],
    ['{"job_id":"../x"}', 200],
    ['{"job_id":"1"}', 202],
    ['', 204],
  ])('%j with %s begins no job that is known', (text, status) => {
    expect(() => decodeJobId(answerWith(status, text), [])).toThrow(malformed);
  });

  it('a job whose id repeats a secret is none', () => {
    expect(() => decodeJobId(answerWith(200, { job_id: 'job-hunter2' }), ['hunter2'])).toThrow(malformed);
  });

  it('the printed refusal is a conflict', () => {
    const failure = refusalOf(answerOf(folder, 'clients-kill-all-conflict'), { ...blankExchange, backend: 'dcs' }, []);
    expect(failure).toMatchObject({
      kind: 'upstream-conflict',
      sent: 'refused',
      upstream: {
        httpStatus: 400,
        code: 'DCS.4957',
        message: 'This operation is not allowed when the task is in the current state.',
      },
    });
  });

  it('a job that failed tells why, even in the documented misspelling', () => {
    const failed = {
      kind: 'upstream-rejected',
      sent: 'refused',
      upstream: { message: 'The node did not answer in time.', requestId: '1f2a5b0cbc0f4d6c9a3f6f0a1c2d3e4f' },
    };
    expect(decodeJob(answerOf(folder, 'show-job'), job, [])).toMatchObject(failed);
    const answer = answerWith(200, { status: 'FAIL', fail_reason: 'No memory, s3cret.', fail_resson: 'x' });
    expect(decodeJob(answer, job, ['s3cret'])).toMatchObject({ upstream: { message: 'No memory, [secret].' } });
  });

  it.each([
    ['SUCCESS', 'ended'],
    ['success', 'ended'],
    ['INIT', undefined],
    ['RUNNING', undefined],
    ['WAITING', undefined],
  ])('a job that is %s', (status, expected) => {
    expect(decodeJob(answerWith(200, { status, job_type: 'x' }), job, [])).toBe(expected);
  });

  it('a job without a status, another job, or success beside an error code proves nothing', () => {
    const status = 'SUCCESS';
    for (const body of [
      { job_id: job },
      { job_id: 'other', status },
      { job_id: job, status, error_code: 'DCS.5000' },
    ]) {
      expect(() => decodeJob(answerWith(200, body), job, [])).toThrow(malformed);
    }
    expect(() => decodeJob(answerWith(200, '{"status":"FAIL","status":"SUCCESS"}'), job, [])).toThrow(malformed);
    expect(decodeJob(answerWith(200, { job_id: job, status: 'FAIL', error_code: 'DCS.5000' }), job, [])).toMatchObject({
      kind: 'upstream-rejected',
    });
  });

  it('nodes are the proxies where there are any, else the data nodes, whatever their status', () => {
    const nodes = (JSON.parse(answerOf(folder, 'logical-nodes').text) as { nodes: { node_role: string }[] }).nodes;
    expect(decodeNodes(answerOf(folder, 'logical-nodes'))).toEqual([
      '8abf6e1e8239d1d7018239e29d2c0003',
      '8abf6e1e8239d1d7018239e29d2c0004',
      '8abf6e1e8239d1d7018239e29d2c0005',
    ]);
    const servers = nodes.filter(({ node_role: role }) => role === 'redis-server');
    expect(decodeNodes(answerWith(200, { nodes: servers }))).toEqual([
      '8abf6e1e8239d1d7018239e29d2c0001',
      '8abf6e1e8239d1d7018239e29d2c0002',
    ]);
  });

  it('an instance without a node cannot be looked at', () => {
    const unavailable = expect.objectContaining({ kind: 'upstream-unavailable' });
    expect(decodeNodes(answerWith(200, { nodes: [{ node_id: 'x', status: 'AddSharding' }] }))).toEqual(['x']);
    expect(() => decodeNodes(answerWith(200, { nodes: [] }))).toThrow(unavailable);
    expect(() => decodeNodes(answerWith(200, { nodes: null }))).toThrow(malformed);
    expect(() => decodeNodes(answerWith(200, { nodes: [{ status: 'Active' }] }))).toThrow(malformed);
  });

  it('list-clients becomes processes', () => {
    const { processes, rows, total } = decodeList(answerOf(folder, 'list-clients'), { target: 'carts', node: 'm' });
    expect([rows, total]).toEqual([14, 14]);
    expect(processes[0]).toEqual({
      id: '10.0.3.21:33000',
      target: 'carts',
      backend: 'dcs',
      node: 'm',
      user: 'default',
      client: '198.19.131.14:33000',
      database: '0',
      application: 'carts',
      command: 'get',
      state: 'idle',
      idleSeconds: 300,
      busySeconds: null,
      ageSeconds: 3600,
      ...untold,
      statement: null,
      draining: null,
      connectionType: 'N',
    });
    expect(processes[2]).toMatchObject({ user: null, application: null, command: null });
    expect(processes[3]).toMatchObject({ id: '[2001:db8::7]:33003', database: '1', idleSeconds: 90 });
    expect(processes.map(({ state }) => state)).toEqual([
      'idle',
      'idle',
      'active',
      'idle',
      'idleInTransaction',
      'active',
      'active',
      'active',
      'active',
      'active',
      'active',
      'active',
      null,
    ]);
  });

  it.each([{ name: 'carts' }, { addr: '/run/redis.sock:0' }, { peer: '?:0', addr: '10.0.0.1:5' }, 'x'])(
    'a row like %j costs that row',
    (row) => {
      const answer = answerWith(200, { clients: [row, { peer: '10.0.0.1:6' }], count: 2 });
      const { processes, rows } = decodeList(answer, { target: 'carts', node: 'm' });
      expect([processes.map(({ id }) => id), rows]).toEqual([['10.0.0.1:6'], 2]);
    },
  );

  it('kill ends all, without a word', () => {
    const ended = [{ id: '10.0.3.21:33000', outcome: 'ended' }];
    expect(decodeKill(answerOf(folder, 'clients-kill'), ['10.0.3.21:33000'])).toEqual(ended);
    for (const answer of [
      answerWith(200, ''),
      answerWith(200, {}),
      answerWith(200, '<html></html>'),
      answerWith(202, {}),
    ]) {
      expect(() => decodeKill(answer, ['10.0.3.21:33000'])).toThrow(malformed);
    }
  });
});

describe('peers', () => {
  it.each([
    ['10.0.3.21:33000', true],
    ['255.255.255.255:65535', true],
    ['[2001:db8::7]:33003', true],
    ['[::ffff:10.0.0.1]:1', true],
    ['10.0.3.21', false],
    ['10.0.3.21:0', false],
    ['10.0.3.21:65536', false],
    ['10.0.3.256:1', false],
    ['10.0.3:1', false],
    ['010.0.0.3:1', false],
    ['2001:db8::7:1', false],
    ['[2001:zz::7]:1', false],
    ['[1::2::3]:1', false],
    ['localhost:1', false],
    ['', false],
    ['x'.repeat(300), false],
  ])('%j: %s', (id, expected) => {
    expect(isPeer(id)).toBe(expected);
  });
});

function carts(
  knobs: { readonly jobMs?: number; readonly oneJob?: boolean } = {},
  nodes?: { readonly id: string; readonly name?: string }[],
) {
  const clock = dozingClock(START);
  const cloud = createHuawei({ clock: () => clock.now(), ...knobs });
  const { connection, sent, disturbed } = connectTo(cloud, clock, { projectId: PROJECT.id, ...permanentKey() });
  const config = { name: 'carts', backend: 'dcs', connection: 'huawei', instanceId: DCS.instanceId };
  const target = dcs.make({ ...config, ...(nodes ? { nodes } : {}) }, connection);
  const node = nodeOf(DCS.nodeId, DCS.nodeId);
  const alive = (id: string = DCS.nodeId) =>
    cloud.state.dcs.clients({ instanceId: DCS.instanceId, nodeId: id }).map((client) => client.peer);
  const lines = () => sent.map((line) => line.replace(`/v2/${PROJECT.id}`, '').replace(/jobs\/\w+/, 'jobs/…'));
  return { target, cloud, clock, sent, lines, disturbed, node, alive, call: callAt(clock) };
}

const refOf = (id: string): Ref => ({ id, node: DCS.nodeId, user: null, client: null, database: null });

describe('a DCS target', () => {
  const path = `/instances/${DCS.instanceId}`;
  const body = `{"node_id":"${DCS.nodeId}"`;

  it('names the routes of its calls as the vendor writes them', () => {
    const { target } = carts();
    expect([target.kill?.route, target.flush?.forced?.route]).toEqual([
      { method: 'POST', path: '/v2/{project_id}/instances/{instance_id}/clients/kill' },
      { method: 'POST', path: '/v2/{project_id}/instances/{instance_id}/clients/kill-all' },
    ]);
  });

  it('protects replicas and masters, and nobody who only watches', async () => {
    const { target, call } = carts();
    const protectedOn = async (id: string) => {
      const { processes } = await target.look!(nodeOf(id, id), call);
      return processes.filter((process) => target.protects(process) !== null).map(({ application }) => application);
    };
    expect(await protectedOn(DCS.nodeId)).toEqual(['replica']);
    expect(await protectedOn(DCS.secondNodeId)).toEqual(['master']);
  });

  it('finds its nodes, and remembers them for a minute', async () => {
    const { target, call, clock, lines } = carts();
    const nodes = [DCS.nodeId, DCS.secondNodeId].map((id) => nodeOf(id, id));
    expect(target.configuredNodes).toBeNull();
    expect([await target.nodes(call), await target.nodes(call)]).toEqual([nodes, nodes]);
    expect(lines()).toEqual([`GET ${path}/logical-nodes`]);
    await clock.sleep(60_000);
    await target.nodes(call);
    expect(lines()).toHaveLength(2);
  });

  it('takes configured nodes instead', async () => {
    const { target, call, sent } = carts({}, [{ id: DCS.nodeId, name: 'master' }, { id: DCS.secondNodeId }]);
    const nodes = [nodeOf('master', DCS.nodeId), nodeOf(DCS.secondNodeId, DCS.secondNodeId)];
    expect(target.configuredNodes).toEqual(nodes);
    expect([await target.nodes(call), sent]).toEqual([nodes, []]);
  });

  it('scans, waits for the job, and lists', async () => {
    const { target, call, node, lines, clock, alive } = carts();
    const { processes, complete, at } = await target.look!(node, call);
    expect(processes.map(({ id }) => id)).toEqual(alive());
    expect(processes.map(({ state }) => state)).toEqual([
      'active',
      ...Array.from({ length: 5 }, () => 'idle'),
      'active',
      'active',
      'active',
      'idleInTransaction',
      'active',
      'active',
    ]);
    expect([complete, at.getTime(), clock.slept]).toEqual([true, START + 500, [200, 300]]);
    expect(lines()).toEqual([
      `POST ${path}/clients ${body},"clean_cache":true}`,
      'GET /jobs/…',
      'GET /jobs/…',
      `GET ${path}/clients?node_id=${DCS.nodeId}&offset=0&limit=1000`,
    ]);
  });

  it('lists all pages', async () => {
    const { target, call, node, cloud, lines } = carts({ jobMs: 0 });
    const { actions } = cloud.state;
    actions['dcs.add-clients']!({ instanceId: DCS.instanceId, nodeId: DCS.nodeId, count: 2000 });
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, complete]).toEqual([2012, true]);
    expect(lines().slice(2)).toEqual(
      [0, 900, 1800].map((offset) => `GET ${path}/clients?node_id=${DCS.nodeId}&offset=${String(offset)}&limit=1000`),
    );
  });

  it.each([
    ['counts the rows of each page', 1000, 600, 1500],
    ['counts all clients', 1500, 1500, 1500],
    ['has one full page', 1000, 1000, 1000],
    ['has one full page, and counts the rows of each', 1000, 100, 1000],
  ])('lists all pages where the vendor %s', async (_name, first, second, all) => {
    const { target, call, node, disturbed, lines } = carts();
    const page = (from: number, to: number, count: number) => ({
      clients: Array.from({ length: to - from }, (_one, index) => ({ peer: `10.0.0.1:${String(from + index)}` })),
      count,
    });
    disturbed.push(answerWith(200, { job_id: 'a' }), answerWith(200, { status: 'SUCCESS' }));
    disturbed.push(answerWith(200, page(1, 1001, first)), answerWith(200, page(901, all + 1, second)));
    const { processes, complete } = await target.look!(node, call);
    expect([processes.length, complete]).toEqual([all, true]);
    expect(lines().slice(2)).toEqual(
      [0, 900].map((offset) => `GET ${path}/clients?node_id=${DCS.nodeId}&offset=${String(offset)}&limit=1000`),
    );
  });

  it('leaves out who cannot be killed, and says that the list is not whole', async () => {
    const { target, call, node, disturbed } = carts();
    disturbed.push(answerWith(200, { job_id: 'a' }), answerWith(200, { status: 'SUCCESS' }));
    disturbed.push(answerWith(200, { clients: [{ peer: '10.0.0.1:5' }, { peer: '?:0' }], count: 2 }));
    const { processes, complete } = await target.look!(node, call);
    expect([processes.map(({ id }) => id), complete]).toEqual([['10.0.0.1:5'], false]);
  });

  it('tells why a scan failed', async () => {
    const { target, call, node, cloud } = carts();
    cloud.state.dcs.failNextJob('scanClients', 'No memory.');
    await expect(target.look!(node, call)).rejects.toMatchObject({
      kind: 'upstream-rejected',
      upstream: { message: 'No memory.' },
    });
  });

  it('waits with a scan for another job of the instance, as long as the call lasts', async () => {
    const { target, call, cloud, lines, clock, node } = carts({ jobMs: 900, oneJob: true });
    const nodes = [node, nodeOf('replica', DCS.secondNodeId)];
    const looked = await Promise.all(nodes.map((one) => target.look!(one, call)));
    expect(looked.map(({ processes, complete }) => [processes.length, complete])).toEqual([
      [12, true],
      [12, true],
    ]);
    expect(lines().filter((line) => line.startsWith(`POST ${path}/clients `)).length).toBeGreaterThan(2);
    cloud.state.knobs.jobMs = 60_000;
    await target.flush!.forced!.run(null, call);
    const before = clock.now();
    const conflict = { kind: 'upstream-conflict', sent: 'refused', upstream: { code: 'DCS.4957' } };
    await expect(target.look!(node, callAt(clock))).rejects.toMatchObject(conflict);
    expect(clock.now() - before).toBeLessThan(10_000);
    const leaving = new AbortController();
    leaving.abort();
    const scans = lines().length;
    await expect(target.look!(node, { ...callAt(clock), signal: leaving.signal })).rejects.toMatchObject(conflict);
    expect(lines().length).toBe(scans + 1);
  });

  it('waits in every call for what is done to the instance', async () => {
    const refusals = ['DCS.4026', 'DCS.4115', 'DCS.4097', 'DCS.4957'].map((error_code) =>
      answerWith(400, { error_code }),
    );
    const [first, second, third, fourth] = refusals;
    const { target, call, disturbed, lines } = carts();
    disturbed.push(first!, answerWith(200, { nodes: [{ node_id: DCS.nodeId }] }));
    const [found] = await target.nodes(call);
    disturbed.push(second!, answerWith(200, { job_id: 'a' }), fourth!, answerWith(200, { status: 'SUCCESS' }));
    disturbed.push(third!, answerWith(200, { clients: [{ peer: '10.0.0.1:5' }], count: 1 }));
    const { processes } = await target.look!(found!, call);
    expect(processes.map(({ id }) => id)).toEqual(['10.0.0.1:5']);
    expect(lines().length).toBe(8);
  });

  it('tells a kill at once what is done to the instance', async () => {
    const { target, call, node, cloud, lines } = carts();
    cloud.state.knobs.stateRefusal = 'DCS.4111';
    const conflict = { kind: 'upstream-conflict', sent: 'refused', upstream: { code: 'DCS.4111' } };
    await expect(target.kill!.run(node, [refOf('10.0.3.21:33001')], call)).rejects.toMatchObject(conflict);
    expect(lines()).toHaveLength(1);
  });

  it('does not wait for a scan longer than the call lasts', async () => {
    const { target, node, clock, lines } = carts({ jobMs: 60_000 });
    await expect(target.look!(node, callAt(clock))).rejects.toMatchObject({ kind: 'upstream-timeout' });
    expect(clock.now()).toBeLessThan(START + 10_000);
    expect(lines().filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('does not wait for a scan that nobody waits for', async () => {
    const { target, node, clock } = carts();
    const leaving = new AbortController();
    leaving.abort();
    const call = { ...callAt(clock), signal: leaving.signal };
    await expect(target.look!(node, call)).rejects.toMatchObject({ kind: 'request-timeout' });
  });

  it('kills by peer', async () => {
    const { target, call, node, lines, alive } = carts();
    const [first = '', second = '', third] = alive();
    const { ended, call: record } = await target.kill!.run(node, [refOf(first), refOf(second)], call);
    expect(ended).toEqual([first, second].map((id) => ({ id, outcome: 'ended' })));
    expect(alive()[0]).toBe(third);
    expect(lines()).toEqual([`POST ${path}/clients/kill ${body},"client_addrs":["${first}","${second}"]}`]);
    expect(record).toMatchObject({ node: DCS.nodeId, call: 'clients/kill', code: null, jobId: null });
  });

  it('ends everything by a job, which is followed', async () => {
    const { target, call, clock, lines, alive } = carts();
    const begun = await target.flush!.forced!.run(null, call);
    if (begun.is !== 'job') throw new Error('There is no job.');
    expect(begun.call).toMatchObject({ node: null, call: 'clients/kill-all', jobId: begun.job });
    expect(await target.follow!(begun.job, call)).toMatchObject({ is: 'job', job: begun.job });
    await clock.sleep(300);
    expect(await target.follow!(begun.job, call)).toMatchObject({
      is: 'ended',
      call: { call: 'clients/kill-all', jobId: begun.job },
    });
    expect([alive(), alive(DCS.secondNodeId)]).toEqual([[], []]);
    expect(lines()[0]).toBe(`POST ${path}/clients/kill-all {"kill_all_nodes":true}`);
    expect(target.flush?.forced?.per).toBe('target');
  });

  it('ends everything on one node', async () => {
    const { target, call, clock, node, lines, alive } = carts();
    await target.flush!.forced!.run(node, call);
    await clock.sleep(300);
    expect([alive().length, alive(DCS.secondNodeId).length]).toEqual([0, 12]);
    expect(lines()[0]).toBe(`POST ${path}/clients/kill-all ${body}}`);
  });

  it('tells that a job failed, and why', async () => {
    const { target, call, clock, cloud } = carts();
    cloud.state.dcs.failNextJob('killAllClients', 'No memory.');
    const begun = await target.flush!.forced!.run(null, call);
    await clock.sleep(300);
    expect(await target.follow!(begun.is === 'job' ? begun.job : '', call)).toMatchObject({
      is: 'failed',
      failure: { kind: 'upstream-rejected', sent: 'refused', upstream: { message: 'No memory.' } },
    });
  });

  it('is in conflict with a job that runs', async () => {
    const { target, call, node } = carts();
    await target.flush!.forced!.run(null, call);
    const conflict = { kind: 'upstream-conflict', sent: 'refused', upstream: { code: 'DCS.4957' } };
    await expect(target.flush!.forced!.run(null, call)).rejects.toMatchObject(conflict);
    await expect(target.kill!.run(node, [refOf('10.0.3.21:33001')], call)).rejects.toMatchObject(conflict);
  });

  it('has no graceful flush of its own', () => {
    expect(carts().target.flush?.graceful).toBeUndefined();
  });
});
