import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TAURUSDB } from '../sandbox/huawei/taurusdb/seed.ts';
import { lookOf, openGateway, problemOf, type Gateway } from './gateway.ts';

const primary = { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.nodeId };
let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway();
});
beforeEach(() => {
  gateway.vendors.reset();
});
afterAll(() => gateway.close());

const look = (query: string, accept: string) => gateway.call('GET', `/processes?${query}`, { headers: { accept } });

describe('processes as lines', () => {
  it('are those that a look shows, each a line of JSON', async () => {
    const answer = await look('target=orders', 'application/x-ndjson');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="processes.ndjson"',
      'cache-control': 'no-store',
      'sluice-completed': 'true',
    });
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual(lookOf(await gateway.call('GET', '/processes?target=orders')).items);
    expect(lines.length).toBeGreaterThan(40);
  });

  it('are told as CSV, under the names of their facts', async () => {
    const [thread] = gateway.vendors.huawei.taurusdb.threads(primary).filter(({ internal }) => !internal);
    const answer = await look(`target=orders&id=${String(thread!.id)}`, 'text/csv');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [head, line, ...rest] = answer.text.split('\r\n');
    expect(head).toBe(
      'target,backend,node,id,user,client,database,application,command,state,idleSeconds,busySeconds,ageSeconds,' +
        'transactionSeconds,waitEvent,blockedBy,statementId,draining,protected,statement',
    );
    const { id, user, host, db } = thread!;
    const told = ['orders,taurusdb,primary', id, user, host, db, '', 'Sleep', 'idle', ''].join(',');
    expect(line?.startsWith(told)).toBe(true);
    expect(rest).toEqual(['']);
  });

  it('say in a header that more fit, or that a target could not be seen', async () => {
    const some = await look('target=orders&limit=2', 'application/x-ndjson');
    expect([some.text.split('\n').length, some.headers['sluice-completed']]).toEqual([3, 'false']);
    gateway.vendors.faults.replace([{ kind: 'reply', status: 500, call: 'real-time-session', body: '{}' }]);
    const other = await look('target=ledger&target=bi-pool', 'text/csv');
    expect([other.status, other.headers['sluice-completed']]).toEqual([200, 'false']);
    expect(other.text).not.toContain('ledger,gaussdb');
    expect(other.text).toContain('bi-pool,1010data');
  });

  it('are refused as a look is, by a problem', async () => {
    const answer = await look('target=nobody&limit=0x', 'text/csv');
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(problemOf(answer).code).toBe('invalid-request');
  });
});
