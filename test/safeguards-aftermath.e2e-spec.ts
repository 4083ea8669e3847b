import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { demoKeys } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import type { Operation, TargetOutcome } from '../src/core/model/operation.js';
import { openGateway, operationOf, problemOf, type Answer, type Gateway } from './gateway.ts';
import { coordinator, coordinatorNode, mutationsOf, primary } from './safeguards-places.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  const breaker = { failures: 1000 };
  gateway = await openGateway({ vendors, signed: true, traffic: { timeouts: { answerMs: 1000 }, breaker } });
});

afterEach(() => gateway.close());

const kill = (query: string, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.call('DELETE', `/processes?${query}`, { headers });
const flush = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.call('POST', '/sessions/flush', { body, headers });
const read = async (id: string): Promise<Operation> => operationOf(await gateway.call('GET', `/operations/${id}`));
const idOf = (answer: Answer): string => answer.headers['sluice-operation'] ?? '';
const calls = (): readonly string[] => mutationsOf(vendors).map(([call]) => call);
const settled = (id: string): Promise<Operation> =>
  until(
    () => read(id),
    ({ state }) => state !== 'unknown',
  );
const firstOf = ({ targets }: Operation): TargetOutcome => targets[0]!;

async function unsettled(target: string): Promise<number> {
  const { text } = await gateway.call('GET', '/metrics');
  const found = new RegExp(`^sluice_operations_unsettled\\{target="${target}"\\} (\\d+)$`, 'm').exec(text);
  return Number(found?.[1]);
}

/** Resolves once so many more looks at a target have been answered. */
async function looksPass(call: string, count: number): Promise<void> {
  const before = vendors.journal.of(call).length;
  const last = await vendors.journal.arrival(call, before + count);
  await vendors.journal.ended(last);
}

const one = 'target=orders&node=primary&id=2075425';

describe('a kill that was sent and not answered', () => {
  it('is unknown at first, and confirmed once the process is seen to be gone', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after' });
    const answer = await kill(one, { 'idempotency-key': 'k-1' });
    expect(answer).toMatchObject({ status: 424, headers: { 'sluice-state': 'unknown', 'sluice-completed': 'false' } });
    const told = problemOf(answer).operation;
    expect(told?.targets[0]?.items).toMatchObject([{ id: '2075425', outcome: 'unknown', verified: false }]);
    await until(
      () => unsettled('orders'),
      (count) => count === 1,
    );

    const later = await settled(idOf(answer));
    expect(later).toMatchObject({ state: 'succeeded', counts: { ended: 1, unknown: 0 } });
    expect(firstOf(later)).toMatchObject({ state: 'succeeded', effect: 'ended', problem: null, completed: true });
    expect(firstOf(later).items).toMatchObject([{ id: '2075425', outcome: 'ended', verified: true }]);
    expect(later.endedAt).toBe(told?.endedAt);
    await until(
      () => unsettled('orders'),
      (count) => count === 0,
    );
    // Whoever sends it again is told so; the vendor was asked once.
    const again = await kill(one, { 'idempotency-key': 'k-1' });
    expect(again).toMatchObject({
      status: 200,
      headers: { 'sluice-completed': 'true', 'idempotent-replayed': 'true' },
    });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('stays unknown while the process is still seen, and is not sent again', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-before' });
    const answer = await kill(one);
    expect([answer.status, problemOf(answer).code]).toEqual([424, 'outcome-unknown']);
    vendors.faults.clear();
    await looksPass('list-processes', 2);
    const later = await read(idOf(answer));
    expect(later).toMatchObject({ state: 'unknown', counts: { unknown: 1, ended: 0 } });
    expect(firstOf(later).items).toMatchObject([{ outcome: 'unknown', verified: false }]);
    expect(await unsettled('orders')).toBe(1);
    expect(calls()).toEqual(['delete-processes']);
  });

  it('that stays unknown is acknowledged by whoever may kill there, which ends its alert and nothing else', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-before' });
    const id = idOf(await kill(one));
    vendors.faults.clear();
    const acknowledge = (body: unknown, key?: string, of = id) =>
      gateway.call('POST', `/operations/${of}/acknowledge`, { body, ...(key === undefined ? {} : { key }) });
    for (const body of [
      undefined,
      {},
      { reason: '' },
      { reason: 'x'.repeat(501) },
      { reason: 'gone', state: 'failed' },
    ])
      expect((await acknowledge(body)).status).toBe(400);
    expect((await acknowledge({ reason: 'gone' }, demoKeys.viewer)).status).toBe(404);
    expect((await acknowledge({ reason: 'gone' }, undefined, 'op_0')).status).toBe(404);
    expect((await read(id)).acknowledged).toBeUndefined();
    const answer = await acknowledge({ reason: 'still in the list, asked again' });
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-state': 'unknown', 'sluice-operation': id } });
    const acknowledged = { requestedBy: expect.any(String), reason: 'still in the list, asked again' };
    expect(answer.body).toMatchObject({ id, state: 'unknown', acknowledged });
    await until(
      () => unsettled('orders'),
      (count) => count === 0,
    );
    expect((await acknowledge({ reason: 'a second word' })).body).toMatchObject({ acknowledged });
    expect(await read(id)).toMatchObject({ state: 'unknown', acknowledged });
    expect((await gateway.call('GET', '/operations?state=unknown')).body).toMatchObject({
      items: [{ id, acknowledged }],
    });
    expect(calls()).toEqual(['delete-processes']);
  });

  it('is confirmed though somebody else got the id since', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after' });
    const answer = await kill(one);
    vendors.huawei.taurusdb.addThread(primary, { id: 2_075_425n, user: 'somebody_else' });
    const later = await settled(idOf(answer));
    expect(firstOf(later).items).toMatchObject([{ user: 'orders_app', outcome: 'ended', verified: true }]);
  });

  it('is not confirmed by a look that fails, or by a list that the vendor cut', async () => {
    const [victim] = vendors.huawei.gaussdb.sessions(coordinator);
    vendors.faults.add({ vendor: 'gaussdb', call: 'kill-session', kind: 'reset-after' });
    for (let added = 0; added < 250; added += 1) vendors.huawei.gaussdb.addSession(coordinator, { userName: 'many' });
    const answer = await kill(`target=ledger&node=${coordinatorNode}&id=${victim!.id}`);
    expect(answer.status).toBe(424);
    await looksPass('real-time-session', 1);
    expect((await read(idOf(answer))).state).toBe('unknown');
    vendors.faults.add({ vendor: 'gaussdb', call: 'real-time-session', kind: 'html' });
    await looksPass('real-time-session', 1);
    expect((await read(idOf(answer))).state).toBe('unknown');
    expect(calls()).toEqual(['kill-session']);
  });

  it('is partial where another batch was answered, until all is known', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'fin-after', times: 1, skip: 1 });
    for (let added = 0; added < 40; added += 1) vendors.huawei.taurusdb.addThread(primary, {});
    const answer = await flush({ targets: ['orders'], node: 'primary' });
    expect(answer.status).toBe(207);
    const { failed } = operationOf(answer).counts;
    expect(failed).toBeGreaterThan(20);
    expect(operationOf(answer)).toMatchObject({ state: 'partial', counts: { ended: 20, unknown: 20 } });
    const later = await until(
      () => read(idOf(answer)),
      ({ counts }) => counts.unknown === 0,
    );
    // What was not sent after the unanswered call has failed, and is not sent now.
    expect(later).toMatchObject({ state: 'partial', counts: { ended: 40, failed } });
    expect(calls()).toEqual(['delete-processes', 'delete-processes']);
  });
});

describe('a mass call that was sent and not answered', () => {
  it('is confirmed where everybody is gone: kill-all', async () => {
    vendors.faults.add({ vendor: 'dcs', call: 'kill-all-clients', kind: 'reset-after' });
    const answer = await flush({ targets: ['carts'], mode: 'forced' });
    expect(answer.status).toBe(424);
    const later = await settled(idOf(answer));
    expect(firstOf(later)).toMatchObject({ state: 'succeeded', effect: 'ended', problem: null });
    expect(calls()).toEqual(['kill-all-clients']);
  });

  it('is confirmed where nobody is logged in any more: resetpool', async () => {
    vendors.faults.add({ vendor: '1010data', call: 'resetpool', kind: 'fin-after' });
    const answer = await flush({ targets: ['bi-pool'], mode: 'forced' });
    expect(answer.status).toBe(424);
    const later = await settled(idOf(answer));
    expect(firstOf(later)).toMatchObject({ state: 'succeeded', effect: 'ended', completed: true });
    expect(calls()).toEqual(['resetpool']);
  });

  it('is not more than it is where the busy are marked: flushpool', async () => {
    vendors.faults.add({ vendor: '1010data', call: 'flushpool', kind: 'fin-after' });
    const answer = await flush({ targets: ['bi-pool'] });
    expect(answer.status).toBe(424);
    const later = await settled(idOf(answer));
    // Three busy ids are still logged in: they log out when they are released.
    expect(firstOf(later)).toMatchObject({
      state: 'succeeded',
      effect: 'deferred',
      completed: false,
      counts: { deferred: 3 },
      drain: { state: 'watching', ids: ['acme_m1', 'acme_m2', 'acme_m3'] },
    });
    for (const uid of ['acme_m1', 'acme_m2', 'acme_m3']) vendors.tentendata.reluid('acme_pool', uid);
    const drained = await until(
      () => read(idOf(answer)),
      (now) => firstOf(now).completed,
    );
    expect(firstOf(drained)).toMatchObject({ effect: 'deferred', drain: { state: 'drained' } });
    expect(calls()).toEqual(['flushpool']);
  });

  it('stays unknown where it did nothing', async () => {
    vendors.faults.add({ vendor: '1010data', call: 'resetpool', kind: 'reset-before' });
    const answer = await flush({ targets: ['bi-pool'], mode: 'forced' });
    expect(answer.status).toBe(424);
    await looksPass('samstatus', 2);
    expect(await read(idOf(answer))).toMatchObject({ state: 'unknown' });
    // Its looks do not keep anybody from flushing.
    vendors.faults.clear();
    expect((await flush({ targets: ['bi-pool'], mode: 'forced' })).status).toBe(200);
    expect(calls()).toEqual(['resetpool', 'resetpool']);
  });
});

describe('the drain of a pool', () => {
  const drainOf = (operation: Operation): TargetOutcome['drain'] => firstOf(operation).drain;

  it('is watched until its members have logged out', async () => {
    const answer = await flush({ targets: ['bi-pool'] }, { 'idempotency-key': 'k-1' });
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-completed': 'false' } });
    const { tentendata } = vendors;
    expect(drainOf(operationOf(answer))).toMatchObject({
      state: 'watching',
      remaining: 3,
      ids: ['acme_m1', 'acme_m2', 'acme_m3'],
    });
    tentendata.reluid('acme_pool', 'acme_m2');
    const id = idOf(answer);
    const fewer = await until(
      () => read(id),
      (now) => drainOf(now)?.remaining === 2,
    );
    expect(drainOf(fewer)).toMatchObject({ state: 'watching', ids: ['acme_m1', 'acme_m3'] });
    expect(firstOf(fewer).completed).toBe(false);
    for (const uid of ['acme_m1', 'acme_m3']) tentendata.reluid('acme_pool', uid);
    const drained = await until(
      () => read(id),
      (now) => drainOf(now)?.state === 'drained',
    );
    expect(drainOf(drained)).toMatchObject({ remaining: 0, ids: [] });
    expect(firstOf(drained)).toMatchObject({ state: 'succeeded', effect: 'deferred', completed: true });
    const again = await flush({ targets: ['bi-pool'] }, { 'idempotency-key': 'k-1' });
    expect(again).toMatchObject({ status: 200, headers: { 'sluice-completed': 'true' } });
    expect(calls()).toEqual(['flushpool']);
  });

  it('is taken over by a newer flush of the same pool', async () => {
    const first = idOf(await flush({ targets: ['bi-pool'] }));
    const second = idOf(await flush({ targets: ['bi-pool'] }));
    expect(
      drainOf(
        await until(
          () => read(first),
          (now) => drainOf(now)?.state !== 'watching',
        ),
      ),
    ).toMatchObject({
      state: 'ended',
      remaining: 3,
    });
    expect(drainOf(await read(second))).toMatchObject({ state: 'watching' });
  });

  it('is unknown where the installation cannot show a pool', async () => {
    vendors.tentendata.knobs.samstatusSupported = false;
    const answer = await flush({ targets: ['bi-pool'] });
    expect(answer).toMatchObject({ status: 200, headers: { 'sluice-completed': 'false' } });
    expect(drainOf(operationOf(answer))).toMatchObject({ state: 'unknown', remaining: null, ids: [] });
  });

  it('is over at once where nobody was busy, and told of nothing else', async () => {
    for (const uid of ['acme_m1', 'acme_m2', 'acme_m3']) vendors.tentendata.reluid('acme_pool', uid);
    const answer = await flush({ targets: ['bi-pool', 'carts'] });
    expect(operationOf(answer).targets.map(({ drain }) => drain?.state ?? null)).toEqual(['drained', null]);
    const forced = await flush({ targets: ['bi-pool'], mode: 'forced' });
    expect(drainOf(operationOf(forced))).toBeNull();
  });
});
