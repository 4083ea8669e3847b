import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { postgresqlProgram } from '../../sandbox/engines/postgresql.ts';
import { until } from '../until.ts';
import { hasEngines, openEngineGateway, type EngineGateway } from './engine-gateway.ts';
import { holdPg, holdProgram, type Held } from './held.ts';

const odd = `o'neil = "x" \\ 😀`;
const shop = 'my shop = "a"';
const reports = `C:\\Reports\\daily "x" = 'y'`;
const withEngines = hasEngines() ? describe : describe.skip;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** As a filter takes it: a backslash is written twice. */
const exactly = (text: string) => encodeURIComponent(text.replaceAll('\\', '\\\\'));

withEngines('GaussDB in front of a real PostgreSQL', () => {
  let gateway: EngineGateway;
  let port = 0;
  const held: Held[] = [];
  const hold = async (wish: Omit<Parameters<typeof holdPg>[0], 'port'>): Promise<Held> => {
    const one = await holdPg({ port, ...wish });
    held.push(one);
    return one;
  };
  const clientsOf = async (query: string) =>
    (await gateway.look(`target=ledger&${query}`)).map(({ client }) => client).toSorted();
  const addresses = (...some: readonly Held[]) => some.map(({ address }) => address).toSorted();
  const allGone = (...some: readonly Held[]) => until(() => some.every((one) => one.isGone()), Boolean);

  const administrator = async (): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port, user: 'rdsAdmin', database: 'postgres' });
    await client.connect();
    return client;
  };
  const kindsOfBackends = async (): Promise<string[]> => {
    const client = await administrator();
    const { rows } = await client.query<{ kind: string }>('select backend_type as kind from pg_stat_activity');
    await client.end();
    return rows.map(({ kind }) => kind);
  };

  beforeAll(async () => {
    gateway = await openEngineGateway();
    ({ port } = gateway.engines.postgresql.server);
    const root = await administrator();
    for (const role of ['app', 'batch', 'billing', odd]) await root.query(`create role ${quoted(role)} login`);
    await root.query('create role copying login replication');
    await root.query(`create database ${quoted(shop)}`);
    await root.query('create table entry (id int primary key, posted bool)');
    await root.query('insert into entry values (1, false)');
    await root.query('grant all on entry to app');
    await root.end();
  }, 120_000);

  afterAll(async () => {
    for (const one of held) one.close();
    await gateway.close();
  });

  it('lists every client as it is', async () => {
    const four = await hold({ user: 'app', application_name: reports });
    const six = await hold({ user: 'app', host: '::1', database: shop });
    const named = await hold({ user: odd });
    const busy = await hold({ user: 'app', busy: `select pg_sleep(600) /* 😀 */, '\\x89504e47'::bytea` });
    const open = await hold({ user: 'app', first: ['begin', 'select 1'] });
    expect(await clientsOf('user=app')).toEqual(addresses(four, six, busy, open));
    expect(await clientsOf(`user=${exactly(odd)}`)).toEqual(addresses(named));
    expect(await clientsOf(`application=${exactly(reports)}`)).toEqual(addresses(four));
    expect(await clientsOf(`application=${encodeURIComponent('C:\\\\Reports\\\\*')}`)).toEqual(addresses(four));
    expect(await clientsOf('user=app&state=idleInTransaction')).toEqual(addresses(open));
    const active = await gateway.look('target=ledger&user=app&state=active');
    expect(active).toMatchObject([
      { client: busy.address, statement: `select pg_sleep(600) /* 😀 */, '\\x89504e47'::bytea` },
    ]);
    expect(await clientsOf(`database=${encodeURIComponent(shop)}`)).toEqual(addresses(six));
  });

  it('ends whom a plan names, over IPv6 too, and nobody else', async () => {
    const kept = await hold({ user: 'batch', application_name: 'nightly' });
    const four = await hold({ user: 'batch', application_name: reports });
    const six = await hold({ user: 'batch', application_name: reports, host: '::1' });
    const planned = await gateway.kill(`target=ledger&user=batch&application=${exactly(reports)}&dryRun=true`);
    expect(planned.counts.wouldEnd).toBe(2);
    const late = await hold({ user: 'batch', application_name: reports });
    expect([four, six, kept, late].map((one) => one.isGone())).toEqual([false, false, false, false]);
    const plan = (planned as unknown as { plan: { id: string } }).plan.id;
    expect((await gateway.kill(`plan=${plan}`)).counts.ended).toBe(2);
    await allGone(four, six);
    expect([kept, late].map((one) => one.isGone())).toEqual([false, false]);
  });

  it('ends the one that blocks another, by its id, and the other goes on', async () => {
    const blocker = await hold({ user: 'app', first: ['begin', 'update entry set posted = true where id = 1'] });
    const blocked = await hold({ user: 'app', busy: 'update entry set posted = false where id = 1' });
    const found = (await gateway.look('target=ledger&state=idleInTransaction')).find(
      ({ client }) => client === blocker.address,
    );
    expect((await gateway.kill(`target=ledger&node=${found!.node}&id=${found!.id}`)).counts.ended).toBe(1);
    await allGone(blocker);
    await until(
      () => clientsOf('user=app&state=idle'),
      (rows) => rows.includes(blocked.address),
    );
    expect(blocked.isGone()).toBe(false);
  });

  it('never ends what serves nobody: neither named by a filter, nor by its id', async () => {
    const background = (await gateway.look('target=ledger')).filter(({ client }) => client === null);
    expect(background.length).toBeGreaterThan(3);
    expect(background.filter((one) => one.protected === null)).toEqual([]);
  });

  it('spares a reader of the write-ahead log, whatever is flushed', async () => {
    const program = join(dirname(postgresqlProgram() ?? ''), 'pg_receivewal');
    const { folder } = gateway.engines.postgresql.server;
    const options = ['-h', '127.0.0.1', '-p', String(port), '-U', 'copying', '-D', folder, '--no-loop'];
    const copying = holdProgram(program, options, folder);
    try {
      const seen = await until(
        () => gateway.look('target=ledger&user=copying'),
        (rows) => rows.length === 1,
      );
      expect(seen[0]).toMatchObject({ application: 'pg_receivewal', protected: expect.anything() });
      const idle = await hold({ user: 'billing' });
      const open = await hold({ user: 'billing', first: ['begin', 'select 1'] });
      const busy = await hold({ user: 'billing', busy: 'select pg_sleep(600)' });
      await gateway.flush('ledger', 'graceful');
      await allGone(idle);
      expect([open.isGone(), busy.isGone(), copying.isGone()]).toEqual([false, false, false]);
      await gateway.flush('ledger', 'forced');
      await allGone(open, busy);
      expect([copying.isGone(), copying.errors()]).toEqual([false, '']);
      expect(await kindsOfBackends()).toEqual(
        expect.arrayContaining(['walsender', 'checkpointer', 'walwriter', 'logical replication launcher']),
      );
    } finally {
      await copying.close();
    }
  });
});
