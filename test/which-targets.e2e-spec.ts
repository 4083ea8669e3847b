import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, problemOf, type Answer, type Config, type Gateway } from './gateway.ts';
import { mutationsOf } from './safeguards-places.ts';

let vendors: Vendors;
let gateway: Gateway;

const labels: Readonly<Record<string, object>> = {
  orders: { env: 'prod', team: 'shop' },
  ledger: { env: 'prod' },
  carts: { env: 'prod', team: 'shop' },
  'bi-pool': { env: 'test' },
};

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(async () => {
  vendors.reset();
  const change = ({ targets, auth }: Config): void => {
    for (const target of targets) Object.assign(target, { labels: labels[target.name] ?? {} });
    const [key] = auth.apiKeys as { grants: object[] }[];
    auth.apiKeys.push({
      ...key,
      name: 'shop',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      grants: [{ role: 'operator', targets: ['carts'] }],
    });
  };
  gateway = await openGateway({ vendors, signed: true, change });
});

afterEach(() => gateway.close());

const look = (query: string): Promise<Answer> => gateway.call('GET', `/processes?${query}`);
const kill = (query: string): Promise<Answer> => gateway.call('DELETE', `/processes?${query}`);
const flush = (body: object): Promise<Answer> => gateway.call('POST', '/sessions/flush', { body });
const names = (answer: Answer) => operationOf(answer).targets.map(({ target }) => target);

describe('a label', () => {
  it('stands for the granted targets that carry it: all labels must fit', async () => {
    expect(
      lookOf(await look('label=env:prod&limit=0'))
        .targets.map(({ target }) => target)
        .toSorted(),
    ).toEqual(['carts', 'ledger', 'orders']);
    const both = lookOf(await look('label=env:prod&label=team:shop&limit=0'));
    expect(both.targets.map(({ target }) => target).toSorted()).toEqual(['carts', 'orders']);
    const beside = lookOf(await look('target=bi-pool&target=orders&label=team:shop&limit=0'));
    expect(beside.targets.map(({ target }) => target)).toEqual(['bi-pool', 'orders', 'carts']);
    const { items } = (await gateway.call('GET', '/targets?label=env:prod&label=team:shop')).body as {
      items: { name: string }[];
    };
    expect(items.map(({ name }) => name).toSorted()).toEqual(['carts', 'orders']);
    const own = await gateway.call('GET', '/targets?label=env:prod', { key: 'abc' });
    expect((own.body as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual(['carts']);
  });

  it('is a 404 where it stands for none', async () => {
    for (const answer of [
      await look('label=env:nowhere'),
      await kill('label=env:nowhere&user=sue'),
      await gateway.call('GET', '/targets?label=env:nowhere'),
    ]) {
      expect([answer.status, problemOf(answer).code]).toEqual([404, 'unknown-target']);
      expect(problemOf(answer).errors).toEqual([{ parameter: 'label', message: expect.any(String) }]);
    }
    const flushed = await flush({ labels: { env: 'nowhere' } });
    expect([flushed.status, problemOf(flushed).errors?.[0]?.pointer]).toEqual([404, '/labels']);
  });

  it('is recorded by the names of its targets', async () => {
    const killed = await kill('label=team:shop&user=nobody-*&dryRun=true&inapplicable=skip');
    expect(names(killed).toSorted()).toEqual(['carts', 'orders']);
    const flushed = await flush({ labels: { env: 'prod' }, dryRun: true });
    expect([flushed.status, names(flushed).toSorted()]).toEqual([200, ['carts', 'ledger', 'orders']]);
  });
});

describe('a target that cannot judge a filter', () => {
  it('refuses all, unless it is to be skipped: then it is told', async () => {
    expect((await look('target=orders&target=carts&minBusySeconds=1')).status).toBe(422);
    const answer = await look('target=carts&target=orders&minBusySeconds=1&inapplicable=skip');
    expect([answer.status, answer.headers['sluice-completed']]).toEqual([200, 'true']);
    expect(lookOf(answer).targets).toMatchObject([
      { target: 'carts', status: 'skipped', why: 'The target "carts" (dcs) cannot judge minBusySeconds.' },
      { target: 'orders', status: 'ok' },
    ]);
  });

  it('is left out of a kill, and of its plan', async () => {
    const query = 'target=carts&target=orders&minBusySeconds=1&inapplicable=skip&max=1000';
    expect((await kill(query.replace('&inapplicable=skip', ''))).status).toBe(422);
    const dry = operationOf(await kill(`${query}&dryRun=true`));
    expect(dry).toMatchObject({
      state: 'planned',
      filterText: 'busy for at least 1 s, on orders',
      targets: [
        { target: 'carts', status: 'skipped', why: expect.stringContaining('minBusySeconds'), effect: 'none' },
        { target: 'orders' },
      ],
    });
    expect(dry.targets[1]).not.toHaveProperty('status');
    const used = operationOf(await gateway.call('DELETE', `/processes?plan=${dry.plan?.id ?? ''}`));
    expect(used.targets.map(({ target }) => target)).toEqual(['orders']);
    expect(mutationsOf(vendors).every(([call]) => call === 'delete-processes')).toBe(true);
  });

  it('refuses what is left to nobody', async () => {
    const answer = await kill('target=carts&minBusySeconds=1&inapplicable=skip');
    expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-filter']);
    expect((await look('target=carts&minBusySeconds=1&inapplicable=skip')).status).toBe(422);
  });
});

describe('a target', () => {
  it('shows its filters, states and limits, and how many kills are left', async () => {
    await kill('target=orders&node=primary&id=2075425');
    const { body } = await gateway.call('GET', '/targets/orders');
    expect(body).toMatchObject({
      states: ['active', 'idle'],
      limits: { maxProcesses: 50, maxShare: 0.5, killsPerMinute: 200, killsLeft: 199 },
    });
    expect((body as { filters: string[] }).filters).toEqual(
      expect.arrayContaining(['node', 'id', 'user', 'client', 'database', 'command', 'state', 'minIdleSeconds']),
    );
    const carts = (await gateway.call('GET', '/targets/carts')).body as { filters: string[] };
    expect(carts.filters).not.toContain('minBusySeconds');
  });
});
