import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectMysql, type MysqlConnection } from '../../sandbox/engines/drivers.ts';
import { programNamed } from '../../sandbox/engines/server.ts';
import { until } from '../until.ts';
import { hasEngines, openEngineGateway, type EngineGateway } from './engine-gateway.ts';
import { holdMysql, holdProgram, type Held } from './held.ts';

const odd = `o'neil = "x" \\ ☃`;
const shop = 'my shop = "a"';
const withEngines = hasEngines() ? describe : describe.skip;

withEngines('TaurusDB in front of a real MariaDB', () => {
  let gateway: EngineGateway;
  let root: MysqlConnection;
  let port = 0;
  const held: Held[] = [];
  const hold = async (wish: Omit<Parameters<typeof holdMysql>[0], 'port'>): Promise<Held> => {
    const one = await holdMysql({ port, ...wish });
    held.push(one);
    return one;
  };
  const clientsOf = async (query: string) =>
    (await gateway.look(`target=orders&${query}`)).map(({ client }) => client).toSorted();
  const addresses = (...some: readonly Held[]) => some.map(({ address }) => address).toSorted();
  const allGone = (...some: readonly Held[]) => until(() => some.every((one) => one.isGone()), Boolean);

  beforeAll(async () => {
    gateway = await openEngineGateway();
    ({ port } = gateway.engines.mariadb.server);
    root = await connectMysql({ host: '127.0.0.1', port, user: 'rdsAdmin' });
    for (const user of ['app', odd, 'batch', 'copier']) {
      await root.query(`create user \`${user}\`@'%'`);
      await root.query(`grant all on *.* to \`${user}\`@'%'`);
    }
    await root.query(`create database \`${shop}\``);
    await root.query(`create table \`${shop}\`.entry (id int primary key) engine=innodb`);
  }, 120_000);

  afterAll(async () => {
    for (const one of held) one.close();
    await root.end();
    await gateway.close();
  });

  it('lists every client as it is', async () => {
    const four = await hold({ user: 'app' });
    const six = await hold({ user: 'app', host: '::1', database: shop });
    const named = await hold({ user: odd });
    const busy = await hold({ user: 'app', busy: 'select sleep(600) /* 😀 = "x" \\ */' });
    expect(await clientsOf('user=app')).toEqual(addresses(four, six, busy));
    expect(await clientsOf(`user=${encodeURIComponent(odd.replaceAll('\\', '\\\\'))}`)).toEqual(addresses(named));
    const found = await gateway.look('target=orders');
    expect(found.find(({ client }) => client === six.address)).toMatchObject({ database: shop, state: 'idle' });
    expect(found.find(({ client }) => client === busy.address)).toMatchObject({
      state: 'active',
      statement: 'select sleep(600) /* 😀 = "x" \\ */',
    });
    expect(found.find(({ user }) => user === 'rdsAdmin')).toMatchObject({ protected: expect.anything() });
  });

  it('ends whom a plan names, over IPv6 too, and nobody else', async () => {
    const kept = await hold({ user: 'batch' });
    const four = await hold({ user: 'batch', database: shop });
    const six = await hold({ user: 'batch', database: shop, host: '::1' });
    const query = `target=orders&user=batch&database=${encodeURIComponent(shop)}`;
    const planned = await gateway.kill(`${query}&dryRun=true`);
    expect(planned.counts.wouldEnd).toBe(2);
    const late = await hold({ user: 'batch', database: shop });
    expect([four, six, kept, late].map((one) => one.isGone())).toEqual([false, false, false, false]);
    const plan = (planned as unknown as { plan: { id: string } }).plan.id;
    expect((await gateway.kill(`plan=${plan}`)).counts.ended).toBe(2);
    await allGone(four, six);
    expect([kept, late].map((one) => one.isGone())).toEqual([false, false]);
  });

  it('ends one by its id, in the middle of a statement that holds bytes of any kind', async () => {
    const binary = "select sleep(600), 'ÿþ\u0089PNG\u0000'";
    const busy = await hold({ user: 'batch', busy: binary });
    const found = await until(
      () => gateway.look('target=orders&user=batch&state=active'),
      (rows) => rows.length === 1,
    );
    expect(found[0]).toMatchObject({ client: busy.address });
    const done = await gateway.kill(`target=orders&node=primary&id=${found[0]!.id}`);
    expect(done.counts).toMatchObject({ ended: 1, unknown: 0 });
    await allGone(busy);
  });

  it('excludes by address, over IPv6 too', async () => {
    const four = await hold({ user: 'copier' });
    const six = await hold({ user: 'copier', host: '::1' });
    const done = await gateway.kill(`target=orders&user=copier&client=!${encodeURIComponent('[::1]:*')}`);
    expect(done.counts.ended).toBe(1);
    await allGone(four);
    expect(six.isGone()).toBe(false);
  });

  it('spares a reader of the binary log, whatever is flushed', async () => {
    const reader = programNamed('mariadb-binlog') ?? '';
    await root.query("create user if not exists copying@'%'");
    await root.query("grant replication slave on *.* to copying@'%'");
    const from = ['--read-from-remote-server', '--stop-never', '--stop-never-slave-server-id=7', '--raw'];
    const to = ['--host=127.0.0.1', `--port=${port}`, '--user=copying', 'binlog.000001'];
    const copying = holdProgram(reader, [...from, ...to], gateway.engines.mariadb.server.folder);
    try {
      const seen = await until(
        () => gateway.look('target=orders&user=copying'),
        // It registers before it asks for the log.
        (rows) => rows[0]?.command === 'Binlog Dump',
      );
      expect(seen[0]?.protected).toBe('replication');
      const idle = await hold({ user: 'app' });
      const inTransaction = await hold({ user: 'app', first: ['begin', `insert into \`${shop}\`.entry values (1)`] });
      const busy = await hold({ user: 'app', busy: 'select sleep(600)' });
      await until(
        () => clientsOf('user=app&state=active'),
        (rows) => rows.includes(busy.address),
      );
      await until(
        () => gateway.look('target=orders&user=app&state=idle&minIdleSeconds=1'),
        (rows) => [idle, inTransaction].every(({ address }) => rows.some(({ client }) => client === address)),
      );
      await gateway.flush('orders', 'graceful', { minIdleSeconds: 1 });
      await allGone(idle, inTransaction);
      expect([busy.isGone(), copying.isGone()]).toEqual([false, false]);
      await gateway.flush('orders', 'forced');
      await allGone(busy);
      expect([copying.isGone(), copying.errors()]).toEqual([false, '']);
      expect((await gateway.look('target=orders')).map(({ user }) => user)).toEqual(
        expect.arrayContaining(['copying', 'rdsAdmin']),
      );
    } finally {
      await copying.close();
    }
  });
});
