import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from './gateway.ts';
import { coordinator, master, mutationsOf, primary, threadsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(() => {
  vendors.reset();
});

afterEach(() => gateway.close());

/** Opens a gateway whose targets of these names have these members too. */
async function open(members: Readonly<Record<string, object>> = {}, top: object = {}): Promise<void> {
  const change = (config: Config): void => {
    for (const target of config.targets) Object.assign(target, members[target.name]);
    Object.assign(config, top);
  };
  gateway = await openGateway({ vendors, signed: true, change, traffic: { timeouts: { lookMs: 2000 } } });
}

const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const flush = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  gateway.call('POST', '/sessions/flush', { body, headers });
const calls = (): readonly string[] => mutationsOf(vendors).map(([call]) => call);
const userNames = () => vendors.huawei.gaussdb.sessions(coordinator).map(({ userName }) => userName);

describe('a flush by Sluice', () => {
  it('leaves the vendor’s own alone, though it is forced', async () => {
    await open();
    const answer = await flush({ targets: ['orders'], mode: 'forced' });
    const [orders] = operationOf(answer).targets;
    expect(orders).toMatchObject({ strategy: 'selective', state: 'succeeded', counts: { skipped: 2 } });
    expect([...threadsOf(vendors)].toSorted()).toEqual(['1', '2', '3', '3000001', '3000002']);
  });

  it('leaves alone whom the configuration protects, and whose facts nobody can tell', async () => {
    await open({ carts: { protect: [{ application: 'catalog*' }] } });
    const unnamed = vendors.huawei.dcs.addClient(master, { name: '', idleSeconds: 500 });
    const named = vendors.huawei.dcs.addClient(master, { name: 'catalog-2', idleSeconds: 500 });
    const answer = await flush({ targets: ['carts'], mode: 'forced' });
    expect(operationOf(answer).targets[0]).toMatchObject({ strategy: 'selective', state: 'succeeded' });
    expect(new Set(calls())).toEqual(new Set(['kill-clients']));
    const left = vendors.huawei.dcs.clients(master);
    expect(left.map(({ peer }) => peer)).toEqual(expect.arrayContaining([unnamed.peer, named.peer]));
    expect(new Set(left.map(({ name }) => name))).toEqual(new Set(['', 'catalog-2', 'replica']));
  });

  it('is chosen for each target by itself', async () => {
    await open({ ledger: { protect: [{ user: 'reporting' }] } });
    const answer = await flush({ targets: ['ledger', 'carts', 'bi-pool'], mode: 'forced' });
    expect(operationOf(answer).targets.map(({ target, strategy }) => [target, strategy])).toEqual([
      ['ledger', 'selective'],
      ['carts', 'native'],
      ['bi-pool', 'native'],
    ]);
    expect(userNames()).toEqual(['reporting', 'reporting', 'rdsMetric']);
    expect([...new Set(calls())].toSorted()).toEqual(['kill-all-clients', 'kill-session', 'resetpool']);
  });

  it('cannot be had of a pool, which then cannot be flushed', async () => {
    await open({ 'bi-pool': { protect: [{ user: 'acme_m1' }] } });
    for (const mode of ['graceful', 'forced']) {
      const answer = await flush({ targets: ['bi-pool', 'carts'], mode });
      expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-operation']);
      expect(problemOf(answer).errors).toEqual([
        { pointer: '/targets/0', message: expect.stringContaining('bi-pool') },
      ]);
    }
    expect((await gateway.call('GET', '/targets/bi-pool')).body).toMatchObject({ abilities: ['look'] });
    expect(vendors.journal.all()).toEqual([]);
  });
});

describe('the budget of kills', () => {
  it('is drawn on by every kill, all or nothing', async () => {
    await open({ orders: { killsPerMinute: 3, maxProcesses: 50 } });
    expect((await kill('target=orders&node=primary&id=2075425&id=2075426')).status).toBe(200);
    const refused = await kill('target=orders&node=primary&id=2075427&id=2075428');
    expect(refused.status).toBe(429);
    expect(problemOf(refused)).toMatchObject({ code: 'kill-budget-exhausted', retryable: true });
    expect(problemOf(refused).detail).toContain(
      'Of the 3 processes a minute that may be killed on "orders", 1 are left',
    );
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds > 30 && seconds <= 60).toBe(true);
    expect(refused.headers['sluice-operation']).toBeUndefined();
    expect((await kill('target=orders&node=primary&id=2075427')).status).toBe(200);
    expect((await kill('target=orders&user=reporting')).status).toBe(429);
    expect(calls()).toEqual(['delete-processes', 'delete-processes']);
  });

  it('never has room for more than the whole of it: waiting does not help', async () => {
    await open({ orders: { killsPerMinute: 1, maxProcesses: 50 } });
    const refused = await kill('target=orders&node=primary&id=2075425&id=2075426');
    expect(problemOf(refused)).toMatchObject({ status: 429, code: 'kill-budget-exhausted', retryable: false });
    expect(problemOf(refused).detail).toContain('Ask for fewer at once.');
    expect(refused.headers['retry-after']).toBeUndefined();
    const dry = operationOf(await kill('target=orders&node=primary&id=2075425&id=2075426&dryRun=true'));
    expect(dry.refusal).toMatchObject({ code: 'kill-budget-exhausted', retryable: false });
    expect(calls()).toEqual([]);
  });

  it('is never overdrawn by calls that come at once', async () => {
    await open({ orders: { killsPerMinute: 5 } });
    const ids = Array.from({ length: 15 }, (_, index) => 2_075_425 + index);
    const answers = await Promise.all(ids.map((id) => kill(`target=orders&node=primary&id=${String(id)}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(calls()).toHaveLength(5);
  });

  it('is each target’s own: one that is spent refuses the whole call', async () => {
    await open({ orders: { killsPerMinute: 1 } });
    expect((await kill('target=orders&node=primary&id=2075425')).status).toBe(200);
    expect((await kill('target=orders&target=ledger&user=reporting')).status).toBe(429);
    expect(userNames()).toContain('reporting');
    expect((await kill('target=ledger&user=reporting')).status).toBe(200);
  });

  it('is not drawn on by a dry run, by a flush, or by what was left alone', async () => {
    await open({ orders: { killsPerMinute: 2 } });
    expect((await kill('target=orders&node=primary&user=batch&dryRun=true')).status).toBe(200);
    expect((await flush({ targets: ['orders'], node: 'replica' })).status).toBe(200);
    expect((await kill('target=orders&user=rds*')).status).toBe(200);
    expect((await kill('target=orders&node=primary&id=3000001&id=2075425&id=2075426')).status).toBe(207);
  });
});

describe('the flush of a target', () => {
  it('keeps a second one away until it has ended, and says where to follow it', async () => {
    await open();
    vendors.huawei.knobs.jobMs = 1500;
    const first = await flush({ targets: ['carts'], mode: 'forced' }, { prefer: 'respond-async' });
    expect(first.status).toBe(202);
    const tried = await flush({ targets: ['carts'], mode: 'forced', dryRun: true });
    for (const targets of [['carts'], ['bi-pool', 'carts']]) {
      const second = await flush({ targets, mode: 'forced' });
      expect(second.status).toBe(409);
      expect(problemOf(second)).toMatchObject({ code: 'flush-in-progress', retryable: true });
      expect(problemOf(second).detail).toContain(operationOf(first).id);
      expect(second.headers).toMatchObject({
        location: `/operations/${operationOf(first).id}`,
        'retry-after': expect.stringMatching(/^\d+$/),
        'sluice-state': 'failed',
      });
    }
    expect(operationOf(tried)).toMatchObject({ refusal: { code: 'flush-in-progress' }, plan: null });
    // Only the flush of the same target is in the way.
    expect((await flush({ targets: ['bi-pool'] })).status).toBe(200);
    expect((await kill('target=orders&node=primary&id=2075425')).status).toBe(200);
    const ended = await gateway.call('GET', first.headers['location'] ?? '');
    expect(operationOf(ended).state).toBe('succeeded');
    expect((await flush({ targets: ['carts'], mode: 'forced' })).status).toBe(200);
    expect(calls()).toEqual(['kill-all-clients', 'flushpool', 'delete-processes', 'kill-all-clients']);
  });

  it('is one of many that come at once', async () => {
    await open();
    vendors.faults.add({ vendor: '1010data', call: 'resetpool', kind: 'latency', milliseconds: 1500 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => flush({ targets: ['bi-pool'], mode: 'forced' })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    expect(calls()).toEqual(['resetpool']);
  });
});

describe('what is read-only', () => {
  it('is told with every target that it concerns, and refuses the whole call', async () => {
    await open({ orders: { readOnly: true }, carts: { readOnly: true } });
    const answer = await flush({ targets: ['ledger', 'orders', 'carts'] });
    expect(answer.status).toBe(409);
    expect(problemOf(answer)).toMatchObject({
      code: 'read-only',
      retryable: false,
      errors: [{ pointer: '/targets/1' }, { pointer: '/targets/2' }],
    });
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(vendors.journal.all()).toEqual([]);
  });

  it('may be the whole gateway: looks go on, and a dry run tells it', async () => {
    await open({}, { readOnly: true });
    const body = { target: 'bi-user', settings: { infinityToNa: true } };
    for (const answer of [
      await kill('target=orders&node=primary&id=2075425'),
      await flush({ targets: ['bi-pool'] }),
      await gateway.call('POST', '/sessions/tune', { body }),
    ]) {
      expect([answer.status, problemOf(answer).code]).toEqual([409, 'read-only']);
    }
    const tried = await kill('target=orders&node=primary&id=2075425&dryRun=true');
    expect(operationOf(tried)).toMatchObject({
      state: 'planned',
      refusal: { code: 'read-only' },
      plan: null,
      victims: [{ id: '2075425' }],
    });
    expect((await gateway.call('GET', '/processes?target=orders&limit=1')).status).toBe(200);
    expect(calls()).toEqual([]);
  });
});

describe('requireAll', () => {
  const body = { targets: ['bi-pool', 'ledger', 'orders', 'carts'], requireAll: true };

  it('refuses the whole flush when a target cannot be reached, with each reason', async () => {
    await open();
    vendors.faults.add({ vendor: 'dcs', kind: 'status', status: 503 });
    vendors.faults.add({ vendor: 'taurusdb', kind: 'html' });
    const answer = await flush(body);
    expect(answer.headers['sluice-operation']).toBeUndefined();
    expect(problemOf(answer).errors).toEqual([
      { pointer: '/targets/2', message: expect.stringContaining('"orders" cannot be reached') },
      { pointer: '/targets/3', message: expect.stringContaining('"carts" cannot be reached') },
    ]);
    expect([502, 503]).toContain(answer.status);
    expect(problemOf(answer).detail).toMatch(/^requireAll: .* Nothing was touched\.$/);
    expect(calls()).toEqual([]);
    expect(vendors.tentendata.pool('acme_pool').some(({ marked }) => marked)).toBe(false);
  });

  it('refuses for one dead node, too, and a dry run tells it', async () => {
    await open();
    vendors.faults.add({ vendor: 'taurusdb', contains: primary.nodeId, kind: 'status', status: 503 });
    const refused = await flush({ ...body, targets: ['bi-pool', 'orders'] });
    expect([refused.status, problemOf(refused).code]).toEqual([503, 'upstream-unavailable']);
    const tried = await flush({ ...body, targets: ['bi-pool', 'orders'], dryRun: true });
    expect(operationOf(tried)).toMatchObject({ refusal: { code: 'upstream-unavailable' }, plan: null });
    expect(calls()).toEqual([]);
  });

  it('flushes all when all can be reached', async () => {
    await open();
    const answer = await flush(body);
    expect(operationOf(answer).targets.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'succeeded'));
    expect(new Set(calls())).toEqual(new Set(['flushpool', 'kill-free-session', 'delete-processes', 'kill-clients']));
  });

  it('is not what a flush is by default', async () => {
    await open();
    vendors.faults.add({ vendor: 'dcs', kind: 'status', status: 503 });
    const answer = await flush({ targets: ['bi-pool', 'carts'] });
    expect([answer.status, calls()]).toEqual([207, ['flushpool']]);
  });
});
