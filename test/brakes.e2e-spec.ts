import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import {
  demoKeys,
  listOf,
  openGateway,
  operationOf,
  problemOf,
  type Answer,
  type Gateway,
  type GatewayOptions,
} from './gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from './postgres.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';
import { until } from './until.ts';

const onPostgres = hasPostgres('brakes of two replicas');
const admin = { key: demoKeys.admin };
const atOnce = { headers: { prefer: 'respond-async' } };

let vendors: Vendors;
let postgres: PostgresServer | undefined;
let opened: Gateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
  if (onPostgres) postgres = await startPostgres();
}, 60_000);

afterAll(async () => {
  await vendors.close();
  await postgres?.drop();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()));
  opened = [];
});

async function open(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await openGateway({ vendors, signed: true, ...options });
  opened.push(gateway);
  return gateway;
}

/** More threads than the vendor takes in one call. */
const many = (): readonly string[] => [...threadsOf(vendors)].slice(0, 45);
const sent = (): number => mutationsOf(vendors).length;

/** A kill of which the first batch is on its way, and the others wait for its answer. */
async function begun(gateway: Gateway, milliseconds = 1500): Promise<string> {
  vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'latency', milliseconds });
  const body = { target: 'orders', node: 'primary', ids: many() };
  const answer = await gateway.call('DELETE', '/processes', { body, ...atOnce });
  expect(answer.status).toBe(202);
  await until(
    () => Promise.resolve(sent()),
    (count) => count > 0,
  );
  return operationOf(answer).id;
}

const cancel = (gateway: Gateway, id: string, key: string = demoKeys.operator): Promise<Answer> =>
  gateway.call('POST', `/operations/${id}/cancel`, { key, body: { reason: 'the wrong node' } });

const whys = (answer: Answer): readonly (string | undefined)[] =>
  operationOf(answer).targets.flatMap(({ items }) => items.map(({ why }) => why));

describe('an operation that is cancelled', () => {
  it('sends nothing more, and says so of what was not sent', async () => {
    const gateway = await open();
    const id = await begun(gateway);
    const answer = await cancel(gateway, id);
    expect(answer.status).toBe(200);
    expect(sent()).toBe(1);
    const operation = operationOf(await gateway.call('GET', `/operations/${id}`));
    expect(operation).toMatchObject({
      state: 'partial',
      cancelled: { requestedBy: 'demo-operator', reason: 'the wrong node' },
      counts: { skipped: 25 },
    });
    expect(whys(answer).filter((why) => why === 'cancelled')).toHaveLength(25);
    // Once more does no harm.
    expect((await cancel(gateway, id)).status).toBe(200);
    expect(sent()).toBe(1);
  });

  it('is over before it is cancelled: 409', async () => {
    const gateway = await open();
    const [one = ''] = many();
    const ended = await gateway.call('DELETE', `/processes?target=orders&node=primary&id=${one}`);
    expect(problemOf(await cancel(gateway, operationOf(ended).id)).code).toBe('operation-over');
    expect((await cancel(gateway, 'op_nowhere')).status).toBe(404);
  });

  it('is none of a viewer’s', async () => {
    const gateway = await open();
    const id = await begun(gateway);
    expect((await cancel(gateway, id, demoKeys.viewer)).status).toBe(404);
    expect((await cancel(gateway, id, demoKeys.admin)).status).toBe(200);
  });
});

/** The same freeze under one key, asked for again and again of several replicas at once: one is begun. */
async function freezeOften(gateways: readonly Gateway[]): Promise<{ readonly id: string }> {
  const body = { targets: ['bi-pool'], seconds: 600, reason: 'a release' };
  const options = { ...admin, body, headers: { 'idempotency-key': 'frz-1' } };
  const asked = [...gateways, ...gateways, ...gateways].map((gateway) => gateway.call('POST', '/freezes', options));
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  const [first, ...others] = answers.map((answer) => (answer.body as { id: string }).id);
  expect(new Set(others)).toEqual(new Set([first]));
  const replayed = answers.filter((answer) => answer.headers['idempotent-replayed'] === 'true');
  expect(replayed).toHaveLength(answers.length - 1);
  return { id: first ?? '' };
}

describe('a freeze', () => {
  const freeze = (gateway: Gateway, body: object, key: string = demoKeys.admin, headers: Record<string, string> = {}) =>
    gateway.call('POST', '/freezes', { key, body, headers });
  const flush = (gateway: Gateway, more: object = {}) =>
    gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'], ...more } });

  it('is begun once under one key, and another one is refused', async () => {
    const gateway = await open();
    const { id } = await freezeOften([gateway]);
    const another = { targets: ['bi-pool'], seconds: 60 };
    const refused = await freeze(gateway, another, demoKeys.admin, { 'idempotency-key': 'frz-1' });
    expect([refused.status, problemOf(refused).code]).toEqual([422, 'idempotency-key-reused']);
    expect((await gateway.call('DELETE', `/freezes/${id}`, admin)).status).toBe(204);
    const long = await freeze(gateway, another, demoKeys.admin, { 'idempotency-key': 'x'.repeat(300) });
    expect([long.status, problemOf(long).errors?.[0]?.parameter]).toEqual([400, 'Idempotency-Key']);
  });

  it('refuses what would change its targets, until it is ended', async () => {
    const gateway = await open();
    const frozen = await freeze(gateway, { targets: ['bi-pool'], seconds: 600, reason: 'a release' });
    expect(frozen).toMatchObject({ status: 201, body: { targets: ['bi-pool'], requestedBy: 'demo-admin' } });
    expect(problemOf(await flush(gateway))).toMatchObject({ code: 'read-only', status: 409, retryable: false });
    expect(operationOf(await flush(gateway, { dryRun: true }))).toMatchObject({
      state: 'planned',
      refusal: { code: 'read-only' },
    });
    expect(sent()).toBe(0);
    expect((await gateway.call('GET', '/targets/bi-pool', admin)).body).toMatchObject({
      may: ['look'],
      frozenUntil: expect.any(String),
    });
    const { id } = frozen.body as { id: string };
    expect((await gateway.call('GET', '/freezes')).body).toMatchObject({ items: [{ id, reason: 'a release' }] });
    expect((await gateway.call('DELETE', `/freezes/${id}`)).status).toBe(403);
    expect((await gateway.call('DELETE', `/freezes/${id}`, admin)).status).toBe(204);
    expect((await gateway.call('DELETE', `/freezes/${id}`, admin)).status).toBe(404);
    expect((await flush(gateway)).status).toBe(200);
  });

  it.each<[string, object, string, number]>([
    ['without targets', { seconds: 1 }, demoKeys.admin, 400],
    ['with targets and labels', { targets: ['orders'], labels: { env: 'prod' }, seconds: 1 }, demoKeys.admin, 400],
    ['for longer than a day', { targets: ['orders'], seconds: 86_401 }, demoKeys.admin, 400],
    ['of what is not there', { targets: ['nowhere'], seconds: 1 }, demoKeys.admin, 404],
    ['by labels that nothing has', { labels: { no: 'such' }, seconds: 1 }, demoKeys.admin, 404],
    ['by an operator', { targets: ['orders'], seconds: 1 }, demoKeys.operator, 403],
  ])('is refused %s', async (_name, body, key, status) => {
    const gateway = await open();
    expect((await freeze(gateway, body, key)).status).toBe(status);
    expect((await gateway.call('GET', '/freezes')).body).toEqual({ items: [] });
  });

  it('is about all targets that have its labels, and told by audit, metric and record', async () => {
    const gateway = await open();
    const { body, headers } = await freeze(gateway, { labels: { env: 'sandbox' }, seconds: 60, reason: 'a release' });
    const { id } = body as { id: string };
    expect(body).toMatchObject({ labels: { env: 'sandbox' }, targets: ['bi-pool'], requestedBy: 'demo-admin' });
    expect(headers).toMatchObject({ 'sluice-state': 'succeeded' });
    expect(problemOf(await flush(gateway))).toMatchObject({ code: 'read-only', status: 409 });
    expect(problemOf(await flush(gateway)).detail).toContain('a release');
    expect((await gateway.call('GET', '/targets/carts', admin)).body).toMatchObject({ frozenUntil: null });
    const { text } = await gateway.call('GET', '/metrics');
    expect(text).toMatch(/^sluice_freezes 1$/m);
    expect((await gateway.call('DELETE', `/freezes/${id}`, admin)).status).toBe(204);
    const audited = gateway.log.filter((line) => 'audit' in line && JSON.stringify(line).includes(id));
    expect(audited).toMatchObject([
      { audit: 'frozen', requestedBy: 'demo-admin', freeze: { reason: 'a release', labels: { env: 'sandbox' } } },
      { audit: 'unfrozen', requestedBy: 'demo-admin' },
    ]);
  });

  it('ends by itself', async () => {
    const gateway = await open();
    await freeze(gateway, { targets: ['bi-pool'], seconds: 1 });
    expect((await flush(gateway)).status).toBe(409);
    await until(
      () => flush(gateway),
      ({ status }) => status === 200,
    );
    expect((await gateway.call('GET', '/freezes')).body).toEqual({ items: [] });
  });

  it('is the hundredth of those that hold: the next is refused', async () => {
    const gateway = await open();
    const one = () => freeze(gateway, { targets: ['carts'], seconds: 600 });
    for (let count = 0; count < 100; count += 1) expect((await one()).status).toBe(201);
    const refused = await one();
    expect(problemOf(refused)).toMatchObject({ code: 'rate-limited', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(500);
  });

  it('stops what runs', async () => {
    const gateway = await open();
    const id = await begun(gateway);
    expect((await freeze(gateway, { targets: ['orders'], seconds: 600 })).status).toBe(201);
    const ended = await gateway.call('GET', `/operations/${id}`);
    expect(whys(ended).filter((why) => why === 'frozen')).toHaveLength(25);
    expect(sent()).toBe(1);
  });
});

(onPostgres ? describe : describe.skip)('two replicas', () => {
  const change: GatewayOptions['change'] = (config) => {
    Object.assign(config, { store: { postgres: { url: { env: 'DATABASE_URL' } } } });
  };
  const pair = async (): Promise<readonly [Gateway, Gateway]> => {
    const options = { change, environment: { DATABASE_URL: (await postgres?.database()) ?? '' } };
    return [await open(options), await open(options)];
  };

  it('stop what the other one runs: nothing is sent once a cancel was answered', async () => {
    const [one, other] = await pair();
    const id = await begun(one, 4000);
    // A store that a busy machine keeps from answering in time is asked again.
    await until(
      () => cancel(other, id),
      ({ status }) => status === 200,
    );
    const before = sent();
    const ended = await one.call('GET', `/operations/${id}`);
    expect(operationOf(ended).cancelled).toMatchObject({ requestedBy: 'demo-operator' });
    expect(whys(ended).filter((why) => why === 'cancelled').length).toBeGreaterThan(0);
    expect(sent()).toBe(before);
  }, 60_000);

  it('begin one freeze under one key', async () => {
    await freezeOften(await pair());
  }, 60_000);

  it('both obey a freeze', async () => {
    const [one, other] = await pair();
    const frozen = await one.call('POST', '/freezes', { ...admin, body: { targets: ['orders'], seconds: 600 } });
    const kill = () => other.call('DELETE', '/processes?target=orders&user=nobody', atOnce);
    await until(kill, ({ status }) => status === 409);
    const { id } = frozen.body as { id: string };
    expect((await other.call('DELETE', `/freezes/${id}`, admin)).status).toBe(204);
    await until(
      () => one.call('DELETE', '/processes?target=orders&user=nobody'),
      ({ status }) => status === 200,
    );
  }, 60_000);
});

describe('a record', () => {
  it('shows its items page by page, and a list none of them', async () => {
    const gateway = await open();
    const ids = many();
    const body = { target: 'orders', node: 'primary', ids };
    const { id } = operationOf(await gateway.call('DELETE', '/processes', { body }));
    const found: unknown[] = [];
    let token = '';
    do {
      const page = await gateway.call('GET', `/operations/${id}/items?limit=20${token && `&pageToken=${token}`}`);
      const { items, nextPageToken } = page.body as { items: { id: string }[]; nextPageToken: string | null };
      found.push(...items.map((item) => item.id));
      token = nextPageToken ?? '';
    } while (token !== '');
    expect(found).toEqual(ids);
    const [summary] = listOf(await gateway.call('GET', '/operations')).items;
    expect(summary).toMatchObject({ id, counts: { ended: ids.length } });
    expect(JSON.stringify(summary)).not.toContain('"items"');
  });

  it('says in its body that an earlier request began it', async () => {
    const gateway = await open();
    const flush = () =>
      gateway.call('POST', '/sessions/flush', {
        body: { targets: ['bi-pool'] },
        headers: { 'idempotency-key': 'night-1' },
      });
    expect(operationOf(await flush()).replayed).toBeUndefined();
    expect(operationOf(await flush()).replayed).toBe(true);
    expect(sent()).toBe(1);
  });
});
