import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import {
  listOf,
  openGateway,
  operationOf,
  problemOf,
  sha256,
  type Answer,
  type Config,
  type Gateway,
} from './gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from './postgres.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';
import { until } from './until.ts';

const onPostgres = hasPostgres('approvals on two replicas');
let vendors: Vendors;
let postgres: PostgresServer | undefined;
let folder: string;
let opened: Gateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'approvals-'));
  if (onPostgres) postgres = await startPostgres();
}, 60_000);
beforeEach(() => {
  vendors.reset();
});
afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()));
  opened = [];
});
afterAll(async () => {
  await vendors.close();
  await postgres?.drop();
  rmSync(folder, { recursive: true });
});

const everywhere = (...grants: object[]) => grants.map((grant) => ({ targets: ['*'], ...grant }));
const people: Record<string, { name?: string; grants: object[] }> = {
  admin: { grants: everywhere({ role: 'admin' }) },
  app: { grants: everywhere({ role: 'operator' }) },
  'app-other-key': { name: 'app', grants: everywhere({ role: 'operator', approve: true }) },
  dba: { grants: everywhere({ role: 'operator', approve: true }) },
  second: { grants: everywhere({ actions: ['look', 'approve'] }) },
  sue: { grants: everywhere({ role: 'operator', approve: true }) },
  narrow: {
    grants: [
      { role: 'operator', targets: ['*'] },
      { actions: ['approve'], targets: ['carts'] },
    ],
  },
  viewer: { grants: everywhere({ role: 'viewer' }) },
  breaker: { grants: everywhere({ role: 'operator', breakGlass: true }) },
};

interface Setting {
  readonly store?: object;
  readonly approval?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly without?: string;
}

async function open({ store, approval, environment, without }: Setting = {}): Promise<Gateway> {
  const change = (config: Config): void => {
    config.auth.apiKeys = Object.entries(people)
      .filter(([key]) => key !== without)
      .map(([key, { name = key, grants }]) => ({ name, sha256: sha256(key), grants }));
    if (store) Object.assign(config, { store });
    if (approval) config.approval = approval;
  };
  const gateway = await openGateway({ vendors, signed: true, change, ...(environment ? { environment } : {}) });
  opened.push(gateway);
  return gateway;
}

const told = (answer: Answer): unknown => (answer.status < 300 ? answer.status : problemOf(answer).code);
const idle = 'target=orders&node=primary&state=idle&minIdleSeconds=1&reason=leaked';
const kill = (on: Gateway, more = '', key = 'app'): Promise<Answer> =>
  on.call('DELETE', `/processes?${idle}${more}`, { key });
const forced = (on: Gateway, more: object = {}, key = 'app'): Promise<Answer> =>
  on.call('POST', '/sessions/flush', { key, body: { targets: ['carts'], mode: 'forced', reason: 'drill', ...more } });
const decide = (on: Gateway, id: string, key: string, what: 'approve' | 'reject' = 'approve'): Promise<Answer> =>
  on.call('POST', `/operations/${id}/${what}`, { key, body: { reason: 'seen together' } });
const read = async (on: Gateway, id: string, key = 'app') =>
  operationOf(await on.call('GET', `/operations/${id}`, { key }));
const sent = (): number => mutationsOf(vendors).length;

/** Asks for what ends more than caps allow, and gives its id. */
async function asked(on: Gateway, more = ''): Promise<string> {
  const answer = await kill(on, `&approval=request${more}`);
  expect([answer.status, operationOf(answer).state]).toEqual([202, 'awaitingApproval']);
  return operationOf(answer).id;
}

describe('a kill that somebody else approves', () => {
  it('is refused by caps, which name the way out, and ends whom it named once it is approved', async () => {
    const on = await open();
    const refused = problemOf(await kill(on));
    expect(refused.code).toBe('too-many-processes');
    expect(refused.detail).toContain('approval=request');
    const answer = await kill(on, '&approval=request');
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ 'sluice-state': 'awaitingApproval', 'sluice-completed': 'false' });
    const waiting = operationOf(answer);
    expect(waiting).toMatchObject({
      state: 'awaitingApproval',
      approval: { needs: { targets: ['orders'], notBy: ['app'] }, decision: null },
    });
    const victims = waiting.targets.flatMap(({ items }) => items.map(({ id }) => id));
    expect(victims.length).toBeGreaterThan(40);
    expect(sent()).toBe(0);
    const { requestedAt, expiresAt } = waiting.approval!;
    expect(Date.parse(expiresAt) - Date.parse(requestedAt)).toBe(1_800_000);
    const list = await on.call('GET', '/operations?state=awaitingApproval', { key: 'dba' });
    expect(listOf(list).items.map(({ id }) => id)).toEqual([waiting.id]);

    const approved = await decide(on, waiting.id, 'dba');
    expect([approved.status, operationOf(approved).state]).toEqual([200, 'succeeded']);
    const done = await read(on, waiting.id);
    expect(done).toMatchObject({
      state: 'succeeded',
      requestedBy: 'app',
      counts: { ended: victims.length },
      approval: { decision: { is: 'approved', by: 'dba', reason: 'seen together' } },
    });
    expect(done.targets.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(victims);
    for (const id of victims) expect(threadsOf(vendors)).not.toContain(id);
    // Once more does nothing.
    const before = sent();
    expect(told(await decide(on, waiting.id, 'dba'))).toBe(200);
    expect(told(await decide(on, waiting.id, 'sue'))).toBe('operation-over');
    expect(told(await decide(on, waiting.id, 'dba', 'reject'))).toBe('operation-over');
    expect(sent()).toBe(before);
  });

  it.each([
    ['its own caller', 'app', 'forbidden'],
    ['its own caller under another key', 'app-other-key', 'forbidden'],
    ['on whose behalf it is', 'sue', 'forbidden'],
    ['who may approve elsewhere', 'narrow', 'forbidden'],
    ['who may only look', 'viewer', 'not-found'],
  ])('is not approved, nor rejected, by %s', async (_name, key, code) => {
    const on = await open();
    const id = await asked(on, '&onBehalfOf=Sue');
    expect(told(await decide(on, id, key))).toBe(code);
    expect(told(await decide(on, id, key, 'reject'))).toBe(code);
    expect((await read(on, id)).state).toBe('awaitingApproval');
    expect(sent()).toBe(0);
    // Who may do nothing but approve can.
    expect(told(await decide(on, id, 'second'))).toBe(200);
  });

  it('spares who came, changed or went meanwhile', async () => {
    const on = await open();
    const id = await asked(on);
    const victims = (await read(on, id)).targets.flatMap(({ items }) => items.map(({ id: victim }) => victim));
    const [gone = ''] = victims;
    const body = { target: 'orders', node: 'primary', ids: [gone], reason: 'by itself' };
    expect((await on.call('DELETE', '/processes', { key: 'app', body })).status).toBe(200);
    const answer = await decide(on, id, 'dba');
    expect(answer.status).toBe(207);
    expect(operationOf(answer).counts).toMatchObject({ ended: victims.length - 1, skipped: 1 });
  });

  it('is rejected, and sends nothing', async () => {
    const on = await open();
    const id = await asked(on);
    const answer = await decide(on, id, 'dba', 'reject');
    expect([answer.status, operationOf(answer).state]).toEqual([200, 'rejected']);
    expect((await read(on, id)).approval?.decision).toMatchObject({ is: 'rejected', by: 'dba' });
    expect(told(await decide(on, id, 'second'))).toBe('operation-over');
    expect(sent()).toBe(0);
  });

  it('is withdrawn by its own caller', async () => {
    const on = await open();
    const id = await asked(on);
    expect((await on.call('POST', `/operations/${id}/cancel`, { key: 'app' })).status).toBe(200);
    expect(await read(on, id)).toMatchObject({ state: 'rejected', approval: { decision: { is: 'withdrawn' } } });
    expect(told(await decide(on, id, 'dba'))).toBe('operation-over');
    expect(sent()).toBe(0);
  });

  it('is over by itself', async () => {
    const on = await open({ approval: { expirySeconds: 1 } });
    const id = await asked(on);
    await until(
      () => read(on, id),
      ({ state }) => state === 'expired',
    );
    expect(told(await decide(on, id, 'dba'))).toBe('operation-over');
    expect((await read(on, id)).approval?.decision).toMatchObject({ is: 'expired', by: null });
    expect(sent()).toBe(0);
  });

  it('is bounded by the most that may be approved', async () => {
    const on = await open({ approval: { most: 5 } });
    expect(problemOf(await kill(on, '&approval=request'))).toMatchObject({
      code: 'too-many-processes',
      detail: expect.stringContaining('approval.most'),
    });
  });

  it('waits on while nothing may be changed', async () => {
    const on = await open();
    const id = await asked(on);
    const body = { targets: ['orders'], seconds: 600 };
    const frozen = await on.call('POST', '/freezes', { key: 'admin', body });
    expect(told(await decide(on, id, 'dba'))).toBe('read-only');
    expect([(await read(on, id)).state, sent()]).toEqual(['awaitingApproval', 0]);
    const { id: freeze } = frozen.body as { id: string };
    expect((await on.call('DELETE', `/freezes/${freeze}`, { key: 'admin' })).status).toBe(204);
    expect(told(await decide(on, id, 'dba'))).toBe(200);
  });

  it('answers a repetition as it stands', async () => {
    const on = await open();
    const ask = () =>
      on.call('DELETE', `/processes?${idle}&approval=request`, { key: 'app', headers: { 'idempotency-key': 'k' } });
    const first = await ask();
    const again = await ask();
    expect([again.status, operationOf(again)]).toMatchObject([202, { id: operationOf(first).id, replayed: true }]);
    await decide(on, operationOf(first).id, 'dba', 'reject');
    expect(told(await ask())).toBe('approval-required');
  });
});

describe('what the configuration wants approved', () => {
  it('is a 403 that says how', async () => {
    const on = await open({ approval: { forced: true, above: { processes: 2, share: 0.9 } } });
    for (const answer of [await forced(on), await kill(on)]) {
      expect(answer.status).toBe(403);
      expect(problemOf(answer)).toMatchObject({ code: 'approval-required', retryable: false });
      expect(problemOf(answer).detail).toMatch(/approval/);
    }
    const tried = operationOf(await forced(on, { dryRun: true }));
    expect(tried).toMatchObject({ refusal: { code: 'approval-required' }, plan: null });
    expect(sent()).toBe(0);
    const ids = [...threadsOf(vendors)].slice(0, 3);
    const named = (many: readonly string[]) =>
      on.call('DELETE', '/processes', { key: 'app', body: { target: 'orders', node: 'primary', ids: many } });
    expect(told(await named(ids))).toBe('approval-required');
    expect(told(await named(ids.slice(0, 2)))).toBe(200);
  });

  it('is carried out by the vendor’s own mass call once it is approved', async () => {
    const on = await open({ approval: { forced: true } });
    const answer = await forced(on, { approval: 'request' });
    expect([answer.status, operationOf(answer).state]).toEqual([202, 'awaitingApproval']);
    // Nobody knows how many that ends.
    expect(operationOf(answer)).toMatchObject({
      counts: { wouldEnd: null },
      targets: [{ counts: { wouldEnd: null } }],
    });
    expect(sent()).toBe(0);
    const { id } = operationOf(answer);
    // It is in nobody's way meanwhile.
    const graceful = await on.call('POST', '/sessions/flush', { key: 'app', body: { targets: ['carts'] } });
    expect(graceful.status).toBe(200);
    const before = sent();
    expect(told(await decide(on, id, 'dba'))).toBe(200);
    expect(
      mutationsOf(vendors)
        .slice(before)
        .map(([call]) => call),
    ).toEqual(['kill-all-clients']);
  });

  it('waits on while another flush runs', async () => {
    const on = await open();
    const { id } = operationOf(await forced(on, { approval: 'request' }));
    vendors.faults.add({ vendor: 'dcs', call: 'kill-all-clients', kind: 'latency', milliseconds: 1500 });
    const running = forced(on);
    await until(
      () => Promise.resolve(sent()),
      (count) => count > 0,
    );
    expect(told(await decide(on, id, 'dba'))).toBe('flush-in-progress');
    await running;
    expect(told(await decide(on, id, 'dba'))).toBe(200);
  });
});

describe('breaking the glass', () => {
  it('takes a grant, and a reason of ten characters', async () => {
    const on = await open({ approval: { forced: true } });
    expect(told(await forced(on, { breakGlass: true }))).toBe('forbidden');
    expect(told(await forced(on, { breakGlass: true, reason: 'too short' }, 'breaker'))).toBe('reason-required');
    expect(told(await forced(on, { breakGlass: true, approval: 'request' }, 'breaker'))).toBe('invalid-request');
    expect(sent()).toBe(0);
    const answer = await forced(on, { breakGlass: true, reason: 'checkout is down' }, 'breaker');
    expect([answer.status, operationOf(answer).breakGlass]).toEqual([200, true]);
    expect(on.log).toContainEqual(expect.objectContaining({ audit: 'breakGlass', by: 'breaker', targets: ['carts'] }));
    const metrics = await on.call('GET', '/metrics', { key: 'breaker' });
    expect(metrics.text).toContain('sluice_break_glass_total{target="carts"} 1');
  });

  it('is bounded as an approval is', async () => {
    const on = await open();
    const many = await kill(on, '&breakGlass=true', 'breaker');
    expect(told(many)).toBe('reason-required');
    const path = `/processes?${idle.replace('leaked', 'checkout-is-down')}&breakGlass=true`;
    const answer = await on.call('DELETE', path, { key: 'breaker' });
    expect([answer.status, operationOf(answer).breakGlass]).toEqual([200, true]);
  });
});

const stores = [['SQLite', true] as const, ...(onPostgres ? [['PostgreSQL', false] as const] : [])];
describe.each(stores)('on two replicas that share %s', (_name, isSqlite) => {
  let count = 0;

  async function two(approval: object = {}): Promise<readonly [Gateway, Gateway]> {
    count += 1;
    const path = join(folder, `${String(count)}.db`);
    const url = isSqlite ? '' : await postgres!.database();
    const store = isSqlite ? { sqlite: { path } } : { postgres: { url: { env: 'STORE' } } };
    const setting = { store, approval, ...(isSqlite ? {} : { environment: { STORE: url } }) };
    return [await open(setting), await open(setting)];
  }

  it('is run once, whoever of two approves first', async () => {
    const [here, there] = await two();
    const id = await asked(here);
    const victims = (await read(there, id)).counts.wouldEnd;
    const answers = await Promise.all([
      decide(here, id, 'dba'),
      decide(there, id, 'second'),
      decide(there, id, 'dba'),
      decide(here, id, 'second', 'reject'),
    ]);
    const ended = await until(
      () => read(there, id),
      ({ state }) => state !== 'running' && state !== 'awaitingApproval',
    );
    const wins = answers.filter(({ status }) => status < 300);
    expect(wins.length).toBeGreaterThanOrEqual(1);
    expect(answers.filter(({ status }) => status >= 300).map(told)).toEqual(
      answers.filter(({ status }) => status >= 300).map(() => 'operation-over'),
    );
    if (ended.state === 'rejected') expect(sent()).toBe(0);
    else expect(ended.counts.ended).toBe(victims);
    const killed = mutationsOf(vendors).map(([, body]) => body);
    expect(new Set(killed).size).toBe(killed.length);
  });

  it('is approved or over, never both', async () => {
    const [here, there] = await two({ expirySeconds: 1 });
    const ids = [await asked(here), await asked(there)];
    await until(
      () => Promise.all(ids.map((id) => decide(there, id, 'dba'))),
      (answers) => answers.every((answer) => told(answer) === 'operation-over' || answer.status < 300),
    );
    for (const id of ids) {
      const ended = await until(
        () => read(here, id),
        ({ state }) => state !== 'running' && state !== 'awaitingApproval',
      );
      expect(ended.approval?.decision?.is).toBe(ended.state === 'expired' ? 'expired' : 'approved');
    }
  });

  it('is not run for who may not do so any more', async () => {
    const [here] = await two();
    const id = await asked(here);
    const path = join(folder, `${String(count)}.db`);
    if (!isSqlite) return;
    const later = await open({ store: { sqlite: { path } }, without: 'app' });
    // The other key of the same caller still may: without it, nobody of that name is left.
    people['app-other-key'] = { name: 'app', grants: everywhere({ role: 'viewer' }) };
    const last = await open({ store: { sqlite: { path } }, without: 'app' });
    people['app-other-key'] = { name: 'app', grants: everywhere({ role: 'operator', approve: true }) };
    expect(told(await decide(last, id, 'dba'))).toBe('forbidden');
    expect(sent()).toBe(0);
    expect(told(await decide(later, id, 'dba'))).toBe(200);
  });
});
