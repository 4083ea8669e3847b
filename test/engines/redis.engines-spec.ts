import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectRedis } from '../../sandbox/engines/drivers.ts';
import { until } from '../until.ts';
import { hasEngines, openEngineGateway, type EngineGateway } from './engine-gateway.ts';
import { holdRedis, type Held } from './held.ts';

const odd = `a="b"\\c='d'`;
const withEngines = hasEngines() ? describe : describe.skip;
const exactly = (text: string) => encodeURIComponent(text.replaceAll('\\', '\\\\'));

withEngines('DCS in front of a real Redis', () => {
  let gateway: EngineGateway;
  let port = 0;
  const held: Held[] = [];
  const hold = async (commands: readonly (readonly string[])[], host?: string): Promise<Held> => {
    const one = await holdRedis(port, commands, host);
    held.push(one);
    return one;
  };
  const idsOf = async (query: string) => (await gateway.look(`target=carts&${query}`)).map(({ id }) => id).toSorted();
  const addresses = (...some: readonly Held[]) => some.map(({ address }) => address).toSorted();
  const allGone = (...some: readonly Held[]) => until(() => some.every((one) => one.isGone()), Boolean);
  const replication = async (): Promise<string> => {
    const client = await connectRedis(`redis://127.0.0.1:${port}`);
    const text = String(await client.sendCommand(['INFO', 'replication']));
    client.destroy();
    return text;
  };
  const named = (name: string, ...more: readonly (readonly string[])[]) => [['CLIENT', 'SETNAME', name], ...more];

  beforeAll(async () => {
    gateway = await openEngineGateway();
    ({ port } = gateway.engines.redis.server);
    await until(replication, (text) => text.includes('state=online'));
  }, 120_000);

  afterAll(async () => {
    for (const one of held) one.close();
    await gateway.close();
  });

  it('lists every client as it is', async () => {
    const four = await hold(named(odd));
    const six = await hold(named('six', ['SELECT', '3']), '::1');
    const blocked = await hold(named('queue', ['BLPOP', 'q', '0']));
    const subscribed = await hold(named('news', ['SUBSCRIBE', 'n']));
    const multi = await hold(named('multi', ['MULTI'], ['SET', 'a', '1']));
    expect(await idsOf(`application=${exactly(odd)}`)).toEqual(addresses(four));
    const found = new Map((await gateway.look('target=carts')).map((row) => [row.id, row]));
    expect(found.get(six.address)).toMatchObject({ application: 'six', database: '3' });
    expect(found.get(blocked.address)).toMatchObject({ state: 'active', command: 'blpop' });
    expect(found.get(subscribed.address)).toMatchObject({ state: 'active' });
    expect(found.get(multi.address)).toMatchObject({ state: 'idleInTransaction' });
    const replication = [...found.values()].filter((row) => row.protected !== null);
    expect(replication.map(({ command }) => command).toSorted()).toEqual(
      expect.arrayContaining([expect.stringMatching(/replconf|psync/)]),
    );
    expect(replication).toHaveLength(2);
  });

  it('ends whom a plan names, over IPv6 too, and nobody else', async () => {
    const kept = await hold(named('cart=2'));
    const four = await hold(named('cart=1'));
    const six = await hold(named('cart=1'), '::1');
    const planned = await gateway.kill(`target=carts&application=${exactly('cart=1')}&dryRun=true`);
    expect(planned.counts.wouldEnd).toBe(2);
    const late = await hold(named('cart=1'));
    expect([four, six, kept, late].map((one) => one.isGone())).toEqual([false, false, false, false]);
    const plan = (planned as unknown as { plan: { id: string } }).plan.id;
    expect((await gateway.kill(`plan=${plan}`)).counts.ended).toBe(2);
    await allGone(four, six);
    expect([kept, late].map((one) => one.isGone())).toEqual([false, false]);
  });

  it('ends one by its id', async () => {
    const one = await hold(named('one'), '::1');
    const other = await hold(named('one'));
    const [found] = (await gateway.look('target=carts&application=one')).filter(({ id }) => id === one.address);
    const done = await gateway.kill(`target=carts&node=${found!.node}&id=${encodeURIComponent(found!.id)}`);
    expect(done.counts.ended).toBe(1);
    await allGone(one);
    expect(other.isGone()).toBe(false);
  });

  it('flushes gracefully whom nobody sees at work, and keeps the replica', async () => {
    const idle = await hold(named('idle'));
    const blocked = await hold(named('blocked', ['BLPOP', 'q', '0']));
    const subscribed = await hold(named('subscribed', ['SUBSCRIBE', 'n']));
    const multi = await hold(named('multi', ['MULTI']));
    await until(
      () => idsOf('application=idle&state=idle&minIdleSeconds=1'),
      (ids) => ids.length === 1,
    );
    await gateway.flush('carts', 'graceful', { minIdleSeconds: 1 });
    await allGone(idle);
    expect([blocked, subscribed, multi].map((one) => one.isGone())).toEqual([false, false, false]);
    expect(await replication()).toContain('state=online');
  });

  it('flushes by force whoever is connected', async () => {
    const busy = await hold(named('busy', ['BLPOP', 'q', '0']));
    const six = await hold(named('busy'), '::1');
    await gateway.flush('carts', 'forced');
    await allGone(busy, six);
  });
});
