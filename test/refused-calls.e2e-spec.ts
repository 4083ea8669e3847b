import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import {
  openGateway,
  operationOf,
  sha256,
  type Answer,
  type CallOptions,
  type Config,
  type Gateway,
} from './gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from './postgres.ts';
import { until } from './until.ts';

const onPostgres = hasPostgres('refused calls');
let vendors: Vendors;
let postgres: PostgresServer | undefined;
let folder: string;
let opened: Gateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'refused-'));
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

const people: Record<string, object[]> = {
  admin: [{ role: 'admin', targets: ['*'] }],
  app: [{ role: 'operator', targets: ['*'] }],
  neighbour: [{ role: 'viewer', targets: ['*'] }],
  poolman: [{ role: 'operator', targets: ['bi-*'] }],
  auditor: [{ actions: ['look', 'audit'], targets: ['carts'] }],
};

async function open(store?: object, environment?: Record<string, string>): Promise<Gateway> {
  const change = (config: Config): void => {
    config.auth.apiKeys = Object.entries(people).map(([name, grants]) => ({ name, sha256: sha256(name), grants }));
    if (store) Object.assign(config, { store });
  };
  const gateway = await openGateway({ vendors, signed: true, change, ...(environment ? { environment } : {}) });
  opened.push(gateway);
  return gateway;
}

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly times: number;
  readonly targets: readonly { readonly target: string }[];
  readonly problem: { readonly code: string; readonly status: number; readonly detail?: string };
}

const itemsOf = ({ body }: Answer): readonly Told[] => (body as { readonly items: readonly Told[] }).items;
const list = async (on: Gateway, key: string, more = ''): Promise<readonly Told[]> =>
  itemsOf(await on.call('GET', `/operations?refused=true${more}`, { key }));
const flush = (on: Gateway, key: string | null, body: object, more: CallOptions = {}): Promise<Answer> =>
  on.call('POST', '/sessions/flush', { key, body, ...more });
/** What is kept is there within moments. */
const listed = (on: Gateway, key: string, count: number, more = ''): Promise<readonly Told[]> =>
  until(
    () => list(on, key, more),
    (all) => all.length >= count,
  );

async function stores(): Promise<readonly (readonly [object | undefined, Record<string, string>])[]> {
  return [
    [undefined, {}],
    [{ sqlite: { path: join(folder, 'all.db') } }, {}],
    ...(onPostgres ? [[{ postgres: { url: { env: 'STORE' } } }, { STORE: await postgres!.database() }] as const] : []),
  ];
}

describe('a call that was refused', () => {
  it('is kept without its body, whatever refused it, in every store', async () => {
    for (const [store, environment] of await stores()) {
      const on = await open(store, environment);
      const secret = 'select secret from t';
      await flush(on, 'poolman', { targets: ['carts'], reason: 'why not', onBehalfOf: 'sue' });
      await flush(
        on,
        'app',
        { targets: ['carts'], mode: 'forced', minIdleSeconds: 5, user: secret },
        {
          headers: { 'x-request-id': 'r-7' },
        },
      );
      await on.call('DELETE', '/processes?target=orders&reason=a%20leak&onBehalfOf=sue', { key: 'app' });
      await on.call('DELETE', '/processes?target=orders&dryRun=true', { key: 'app' });
      await on.call('DELETE', '/processes?target=orders&user=x', { key: 'neighbour' });
      await on.call('POST', '/sessions/tune', { key: 'app', body: '{"target":', headers: {} });
      await on.call('POST', '/sessions/flush', { key: 'app', body: 'x'.repeat(300_000) });
      await on.call('POST', '/operations/op_0/cancel', { key: 'app' });
      await on.call('POST', '/freezes', { key: 'app', body: { targets: ['carts'], seconds: 9, reason: 'z' } });
      await flush(on, 'none', { targets: ['carts'], reason: secret });
      await on.call('POST', '/nowhere', { key: 'app' });
      await on.call('GET', '/processes?target=none', { key: 'app' });
      const all = await listed(on, 'admin', 9);
      expect(all.map(({ kind, requestedBy, problem }) => [kind, requestedBy, problem.code, problem.status])).toEqual([
        ['sessions.flush', '', 'unauthenticated', 401],
        ['freezes.begin', 'app', 'forbidden', 403],
        ['operations.cancel', 'app', 'not-found', 404],
        // What is too large is told before anybody is asked who sent it.
        ['sessions.flush', '', 'payload-too-large', 413],
        ['sessions.tune', 'app', 'invalid-request', 400],
        ['processes.kill', 'neighbour', 'forbidden', 403],
        ['processes.kill', 'app', 'selection-required', 400],
        ['sessions.flush', 'app', 'invalid-request', 400],
        ['sessions.flush', 'poolman', 'unknown-target', 404],
      ]);
      expect(JSON.stringify(all)).not.toContain('secret');
      expect(all[8]).toMatchObject({ state: 'refused', targets: [], reason: 'why not', onBehalfOf: 'sue', times: 1 });
      expect(all[6]).toMatchObject({ reason: 'a leak', onBehalfOf: 'sue', dryRun: false });
      expect(await list(on, 'admin', '&dryRun=true')).toMatchObject([{ kind: 'processes.kill', dryRun: true }]);
      expect(all[7]).toMatchObject({ requestId: 'r-7', mode: 'forced', targets: [{ target: 'carts' }] });
      expect(await list(on, 'admin', '&requestId=r-7')).toEqual([all[7]]);
      expect(await list(on, 'admin', '&kind=operations.cancel')).toEqual([all[2]]);
      expect(await list(on, 'admin', '&target=orders&requestedBy=app')).toEqual([all[6]]);
      expect(await list(on, 'admin', '&text=WHY&onBehalfOf=sue')).toEqual([all[8]]);
      expect(await list(on, 'admin', '&onBehalfOf=sue')).toEqual([all[6], all[8]]);
      expect(await list(on, 'admin', '&text=%25')).toEqual([]);
      expect(await list(on, 'admin', '&until=2020-01-01T00:00:00Z')).toEqual([]);
      const pages: Told[] = [];
      for (let token = ''; ;) {
        const { body } = await on.call('GET', `/operations?refused=true&limit=4${token}`, { key: 'admin' });
        const page = body as { readonly items: readonly Told[]; readonly nextPageToken: string | null };
        pages.push(...page.items);
        if (page.nextPageToken === null) break;
        token = `&pageToken=${page.nextPageToken}`;
      }
      expect(pages).toEqual(all);
      const lines = await on.call('GET', '/operations?refused=true', {
        key: 'admin',
        headers: { accept: 'application/x-ndjson' },
      });
      expect(
        lines.text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual(all);
      for (const query of ['', '?refused=false'])
        expect(itemsOf(await on.call('GET', `/operations${query}`, { key: 'admin' }))).toEqual([]);
      expect((await on.call('GET', `/operations/${all[0]!.id}`, { key: 'admin' })).status).toBe(404);
    }
  }, 60_000);

  it('is seen by its caller and by those who see operations of its targets, and nobody else', async () => {
    const on = await open();
    await flush(on, 'app', { targets: ['bi-pool', 'carts'], user: 'x', minIdleSeconds: 'y' });
    await flush(on, 'app', { targets: ['no-such-target'] });
    await flush(on, 'neighbour', { targets: ['carts'] });
    await flush(on, null, { targets: ['carts'] });
    expect(await listed(on, 'admin', 4)).toHaveLength(4);
    expect((await list(on, 'app')).map(({ requestedBy }) => requestedBy)).toEqual(['neighbour', 'app', 'app']);
    expect((await list(on, 'neighbour')).map(({ requestedBy }) => requestedBy)).toEqual(['neighbour']);
    const [poolman, ...none] = await list(on, 'poolman');
    expect(none).toEqual([]);
    expect(poolman?.targets.map(({ target }) => target)).toEqual(['bi-pool', '']);
    expect(poolman?.problem).toEqual({ code: 'invalid-request', status: 400, title: expect.any(String) });
    expect((await list(on, 'auditor')).map(({ requestedBy }) => requestedBy)).toEqual(['neighbour', 'app']);
    expect(await list(on, 'poolman', '&target=carts')).toEqual([]);
  });

  it('is about the targets of the operation that it would have stopped or decided', async () => {
    const on = await open();
    const body = { targets: ['carts'], mode: 'forced', reason: 'drill', approval: 'request' };
    const { id } = operationOf(await flush(on, 'app', body));
    await on.call('POST', `/operations/${id}/approve`, { key: 'app', body: { reason: 'me too' } });
    const [told] = await listed(on, 'auditor', 1);
    expect(told).toMatchObject({
      kind: 'operations.approve',
      requestedBy: 'app',
      reason: 'me too',
      targets: [{ target: 'carts' }],
      problem: { code: 'forbidden' },
    });
  });

  it('is one with its count where a thousand like it come, and little where they differ', async () => {
    const on = await open({ sqlite: { path: join(folder, 'many.db') } });
    const names = ['bi-pool', 'carts', 'orders', 'ledger', 'bi-user', 'sessions'];
    const unlike = Array.from({ length: 200 }, (_, index) => names.filter((_name, bit) => (index & (1 << bit)) !== 0));
    for (let index = 0; index < 800; index += 100) {
      await Promise.all(Array.from({ length: 100 }, () => flush(on, 'app', { targets: ['carts'], mode: 'x' })));
    }
    const most = await until(
      () => list(on, 'app'),
      (all) => all.reduce((sum, { times }) => sum + times, 0) === 800,
    );
    expect(most.length).toBeLessThanOrEqual(2);
    await Promise.all(unlike.map((targets) => flush(on, 'poolman', { targets, mode: 'x' })));
    await flush(on, 'neighbour', { targets: ['carts'] });
    expect(await listed(on, 'neighbour', 1)).toHaveLength(1);
    const kept = await list(on, 'poolman');
    expect(kept.filter(({ requestedBy }) => requestedBy === 'poolman').length).toBeLessThanOrEqual(60);
    const { text } = await on.call('GET', '/metrics', { key: 'admin' });
    expect(/^sluice_refused_calls_unkept_total (\d+)$/m.exec(text)?.[1]).toBeDefined();
  }, 60_000);

  it('is not asked for by what it does not have', async () => {
    const on = await open();
    for (const query of ['state=failed', 'processId=1', 'refused=yes']) {
      const path = `/operations?${query.startsWith('refused') ? '' : 'refused=true&'}${query}`;
      expect((await on.call('GET', path, { key: 'app' })).status).toBe(400);
    }
    await flush(on, 'neighbour', { targets: ['carts'], dryRun: true });
    expect(await listed(on, 'neighbour', 1, '&dryRun=true')).toMatchObject([{ dryRun: true }]);
    expect(await list(on, 'neighbour')).toEqual([]);
  });

  it('is still there for another replica, and after a restart', async () => {
    const store = { sqlite: { path: join(folder, 'restart.db') } };
    const first = await open(store);
    await flush(first, 'neighbour', { targets: ['carts'] });
    await first.close();
    opened = [];
    expect(await list(await open(store), 'neighbour')).toHaveLength(1);
  });
});
