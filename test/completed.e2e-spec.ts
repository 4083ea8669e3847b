import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, operationOf, problemOf, type Config, type Gateway } from './gateway.ts';
import { until } from './until.ts';

let vendors: Vendors;
let folder: string;
let opened: Gateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'completed-'));
});
beforeEach(() => {
  vendors.reset();
});
afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()));
  opened = [];
});
afterAll(async () => {
  await vendors.close();
  rmSync(folder, { recursive: true });
});

async function open(change: (config: Config) => void = () => undefined): Promise<Gateway> {
  const traffic = { timeouts: { answerMs: 1000 }, breaker: { failures: 1000 } };
  const gateway = await openGateway({ vendors, signed: true, traffic, change });
  opened.push(gateway);
  return gateway;
}

const completed = { prefer: 'wait=45; until=completed' };
const one = '/processes?target=orders&node=primary&id=2075425';
const flush = (on: Gateway, headers: Record<string, string> = {}) =>
  on.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] }, headers });
const read = (on: Gateway, id: string, headers: Record<string, string> = completed) =>
  on.call('GET', `/operations/${id}`, { headers });
const release = (...uids: readonly string[]): void => {
  for (const uid of uids.length === 0 ? ['acme_m1', 'acme_m2', 'acme_m3'] : uids)
    vendors.tentendata.reluid('acme_pool', uid);
};

describe('Prefer: wait=45; until=completed', () => {
  it('waits for what is unknown to be settled', async () => {
    const on = await open();
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after' });
    const answer = await on.call('DELETE', one, { headers: completed });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'sluice-state': 'succeeded',
      'sluice-completed': 'true',
      'preference-applied': 'wait=45, until=completed',
    });
    expect(operationOf(answer).targets[0]?.items).toMatchObject([{ outcome: 'ended', verified: true }]);
  });

  it('waits for a pool to drain, in the call and beside it', async () => {
    const on = await open();
    const begun = await flush(on);
    expect(begun.headers).toMatchObject({ 'sluice-completed': 'false' });
    expect(begun.headers).not.toHaveProperty('preference-applied');
    const { id } = operationOf(begun);
    const beside = read(on, id);
    const soon = await read(on, id, { prefer: 'wait=1; until=completed' });
    expect(operationOf(soon).targets[0]?.drain).toMatchObject({ state: 'watching', remaining: 3 });
    expect(soon.headers['preference-applied']).toBe('wait=1, until=completed');
    release();
    expect(operationOf(await beside).targets[0]?.drain).toMatchObject({ state: 'drained', remaining: 0 });
    const again = await flush(on, completed);
    expect([again.status, again.headers['sluice-completed']]).toEqual([200, 'true']);
  });

  it('waits for the operation of another replica, and tells how it stands where that takes longer', async () => {
    const store = { sqlite: { path: join(folder, 'two.db') } };
    const [here, there] = [
      await open((config) => Object.assign(config, { store })),
      await open((config) => Object.assign(config, { store })),
    ];
    const { id } = operationOf(await flush(here));
    const beside = read(there, id);
    const soon = read(there, id, { prefer: 'wait=7; until=completed' });
    release('acme_m2');
    expect(operationOf(await soon).targets[0]?.drain).toMatchObject({ state: 'watching', remaining: 2 });
    release('acme_m1', 'acme_m3');
    expect(operationOf(await beside).targets[0]?.drain).toMatchObject({ state: 'drained' });
    expect(operationOf(await read(there, id)).targets[0]?.drain).toMatchObject({ state: 'drained' });
  });

  it('waits for somebody’s word, and for what becomes of it then', async () => {
    const on = await open(({ auth }) => {
      for (const key of auth.apiKeys as { name: string; grants: { approve?: boolean }[] }[])
        if (key.name === 'demo-admin') for (const grant of key.grants) grant.approve = true;
    });
    const body = { targets: ['bi-pool'], mode: 'forced', approval: 'request', reason: 'drill' };
    const asked = await on.call('POST', '/sessions/flush', { body, headers: { prefer: 'wait=1; until=completed' } });
    expect([asked.status, operationOf(asked).state]).toEqual([202, 'awaitingApproval']);
    const { id } = operationOf(asked);
    const beside = read(on, id);
    await on.call('POST', `/operations/${id}/approve`, { key: demoKeys.admin, body: { reason: 'seen' } });
    expect(operationOf(await beside)).toMatchObject({ state: 'succeeded', approval: { decision: { is: 'approved' } } });
  });

  it('is followed by as many as may wait, and the others are answered as things stand', async () => {
    const on = await open((config) => {
      config.limits = { overload: { inFlight: 8, eventLoopDelayMs: 10_000 } };
    });
    const { id } = operationOf(await flush(on));
    const both = [read(on, id), read(on, id)];
    const third = await until(
      () => read(on, id, { prefer: 'wait=1; until=completed' }),
      ({ headers }) => !('preference-applied' in headers),
    );
    expect(operationOf(third).targets[0]?.drain).toMatchObject({ state: 'watching' });
    release();
    for (const answer of await Promise.all(both)) expect(answer.headers).toHaveProperty('preference-applied');
  });

  it('is ignored where it says something else, and never overrides respond-async', async () => {
    const on = await open();
    const other = await flush(on, { prefer: 'wait=3; until=tomorrow' });
    expect(other.headers).toMatchObject({ 'preference-applied': 'wait=3', 'sluice-completed': 'false' });
    const later = await flush(on, { prefer: 'respond-async, wait=45; until=completed' });
    expect([later.status, later.headers['preference-applied']]).toEqual([202, 'respond-async']);
    const none = await on.call('DELETE', '/processes?target=orders', { headers: completed });
    expect([problemOf(none).code, none.headers['preference-applied']]).toEqual(['selection-required', undefined]);
  });
});
