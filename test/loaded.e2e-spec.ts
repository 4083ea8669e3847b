import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GAUSSDB } from '../sandbox/huawei/gaussdb/seed.ts';
import { TAURUSDB } from '../sandbox/huawei/taurusdb/seed.ts';
import { lookOf, openGateway, operationOf, type Gateway } from './gateway.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({ loaded: true, traffic: { timeouts: { lookMs: 2500 } } });
});

afterAll(async () => {
  await gateway.close();
});

beforeEach(() => {
  gateway.vendors.reset();
});

const archive = { instanceId: TAURUSDB.otherInstanceId, nodeId: TAURUSDB.otherNodeId };
const billing = { instanceId: GAUSSDB.otherInstanceId, nodeId: GAUSSDB.otherNodeId, componentId: 'cn_5001' };
const threads = () => gateway.vendors.huawei.taurusdb.threads(archive).filter(({ internal }) => !internal);
const sessions = () => gateway.vendors.huawei.gaussdb.sessions(billing);
const sent = (call: string): readonly string[] =>
  gateway.vendors.journal
    .of(call)
    .filter(({ answer }) => answer?.status !== 401)
    .map(({ target, body }) => body || target);
const lists = (): readonly unknown[] =>
  sent('real-time-session').map((body) => (JSON.parse(body) as { query_info?: object }).query_info ?? null);

describe('ten thousand threads', () => {
  it('are seen whole, and the one to blame is ended by a filter', async () => {
    const count = threads().length;
    // With the time that looks have by themselves: a busy machine takes longer than the others here allow.
    const patient = await openGateway({ loaded: true, vendors: gateway.vendors });
    const looked = await patient.call('GET', '/processes?target=archive&state=active&minBusySeconds=3600');
    const [target] = lookOf(looked).targets;
    expect(target).toMatchObject({ matched: 1, connected: count, complete: true });
    const killed = operationOf(await patient.call('DELETE', '/processes?target=archive&user=archive_runaway'));
    await patient.close();
    expect([killed.state, killed.counts.ended, threads().length]).toEqual(['succeeded', 1, count - 1]);
  });

  it('are not all read for one that is named, once it was seen', async () => {
    const id = String(threads()[500]!.id);
    const killed = operationOf(await gateway.call('DELETE', `/processes?target=archive&id=${id}`));
    expect([killed.state, killed.counts.ended]).toEqual(['succeeded', 1]);
    expect(sent('list-processes').length).toBeLessThan(20);
    expect(threads().some((thread) => String(thread.id) === id)).toBe(false);
  });

  it('of which some were seen before the time was over: they are ended, and the others told', async () => {
    gateway.vendors.huawei.knobs.pageMs = 600;
    const [first, last] = [String(threads()[3]!.id), String(threads().at(-1)!.id)];
    const path = `/processes?target=archive&node=primary&id=${last}&id=${first}`;
    const answer = await gateway.call('DELETE', path);
    expect(answer.status).toBe(207);
    expect(operationOf(answer).targets[0]!.items).toMatchObject([
      { id: last, outcome: 'skipped', why: 'listCut' },
      { id: first, outcome: 'ended' },
    ]);
    expect(sent('delete-processes')).toEqual([`{"processes":[${first}]}`]);
  });

  it('of which none was seen in time: each is told', async () => {
    gateway.vendors.huawei.knobs.pageMs = 10_000;
    const answer = await gateway.call('DELETE', '/processes?target=archive&node=primary&id=5&id=6');
    expect(answer.status).toBe(207);
    expect(operationOf(answer).targets[0]).toMatchObject({
      items: [
        { id: '5', node: 'primary', outcome: 'skipped', why: 'nodeUnseen' },
        { id: '6', node: 'primary', outcome: 'skipped', why: 'nodeUnseen' },
      ],
      problem: { code: 'upstream-timeout' },
    });
    expect(sent('delete-processes')).toEqual([]);
  });
});

describe('more sessions than GaussDB lists', () => {
  const runaway = () => sessions().find(({ userName }) => userName === 'billing_runaway')!.id;

  it('are seen beyond the cut by an exact user, client or database', async () => {
    const id = runaway();
    const one = lookOf(await gateway.call('GET', '/processes?target=billing&user=billing_runaway'));
    expect(one.items.map((item) => item.id)).toEqual([id]);
    expect(one.targets).toMatchObject([{ matched: 1, complete: true }]);
    expect(lists()).toEqual([null, { user_name: 'billing_runaway' }]);
    const { clientIp } = sessions().find((session) => session.id === id)!;
    const two = await gateway.call(
      'GET',
      `/processes?target=billing&client=${clientIp!}&database=billing&user=billing_runaway&user=nobody`,
    );
    expect(lookOf(two).items).toHaveLength(1);
    expect(lists().slice(-2)).toEqual([
      { user_name: 'billing_runaway', client_ip: clientIp, database_name: 'billing' },
      { user_name: 'nobody', client_ip: clientIp, database_name: 'billing' },
    ]);
  });

  it('are ended beyond the cut: by filter, by id, and by plan', async () => {
    const before = sessions().length;
    const id = runaway();
    const path = '/processes?target=billing&user=billing_runaway';
    const dry = operationOf(await gateway.call('DELETE', `${path}&dryRun=true`));
    expect(dry.victims).toMatchObject([{ id }]);
    const planned = operationOf(await gateway.call('DELETE', `/processes?plan=${dry.plan!.id}`));
    expect(planned.targets[0]!.items).toMatchObject([{ id, outcome: 'ended' }]);
    const other = gateway.vendors.huawei.gaussdb.addSession(billing, { userName: 'billing_other' }).id;
    const named = await gateway.call('DELETE', `/processes?target=billing&id=${other}&user=billing_other`);
    expect(operationOf(named).targets[0]!.items).toMatchObject([{ id: other, outcome: 'ended' }]);
    expect(sessions()).toHaveLength(before - 1);
  });

  it('are not judged without one, and it is said which filter helps', async () => {
    const answer = await gateway.call('DELETE', `/processes?target=billing&id=${runaway()}`);
    const [target] = operationOf(answer).targets;
    expect([answer.status, target!.items[0]]).toMatchObject([207, { outcome: 'skipped', why: 'listCut' }]);
    expect(target!.note).toContain('an exact user, client, database in the selection');
    expect(sent('kill-session')).toEqual([]);
  });
});
