import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/postgres.js';
import { until } from '../../../test/until.js';
import type { Journal } from '../../core/record/journal.js';
import { Secret } from '../../transport/secret.js';
import { SecretReference } from '../../transport/secret.config.js';
import { openJournal } from '../open.js';
import { at, begin, ended, lease, prepared } from '../spec-operations.js';
import { PostgresSession } from './connection.js';
import { migrate } from './migrate.js';

const unavailable = { kind: 'store-unavailable', message: expect.not.stringContaining('127.0.0.1') as unknown };

function open(address: string): Promise<Journal> {
  const url = new SecretReference();
  url.resolve(new Secret(address.replace('sluice@', 'sluice:tell-nobody@')));
  return openJournal({ postgres: { url } });
}

/** Tries until it succeeds: the journal finds its server again by itself. */
async function eventually<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      expect(thrown).toMatchObject(unavailable);
      expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain('tell-nobody');
      if (attempt === 200) throw thrown;
      await sleep(50);
    }
  }
}

(hasPostgres('what happens while it is away') ? describe : describe.skip)('a PostgreSQL server', () => {
  let server: PostgresServer;
  let address: string;
  let journal: Journal;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.drop();
  });

  beforeEach(async () => {
    address = await server.database();
    journal = await open(address);
  });

  afterEach(async () => {
    await journal.close();
  });

  it('that is away at the start is found once it is there, and only then has tables', async () => {
    const later = await server.database();
    await server.stop();
    const waiting = await open(later);
    const before = performance.now();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await expect(begin(waiting, 'op_1')).rejects.toMatchObject({ ...unavailable, isUnsure: false });
      await expect(waiting.read('op_1')).rejects.toMatchObject(unavailable);
    }
    // Nobody waits for what is known to be away.
    expect(performance.now() - before).toBeLessThan(1000);
    await server.start();
    expect(await eventually(() => begin(waiting, 'op_1'))).toEqual({ is: 'opened' });
    await waiting.close();
  });

  it('that crashes loses nothing, and is found again', async () => {
    await begin(journal, 'op_1');
    await server.stop();
    await expect(
      journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }),
    ).rejects.toMatchObject(unavailable);
    await server.start();
    await eventually(() => journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }));
    expect((await journal.read('op_1'))?.events).toEqual([prepared('op_1'), ended('pool', 'a')]);
  });

  it('that hangs is given up in bounded time, and nothing is written twice when it goes on', async () => {
    await begin(journal, 'op_1');
    await begin(journal, 'op_2');
    server.freeze();
    try {
      const hanging = [
        journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }),
        begin(journal, 'op_3', { claims: [{ scope: 'key', name: 'k', fingerprint: null, expiresAt: at + 60_000 }] }),
        journal.read('op_2'),
      ];
      for (const one of hanging) await expect(one).rejects.toMatchObject(unavailable);
      const before = performance.now();
      await expect(journal.append('op_2', 'me', { from: 1, events: [ended()], isOver: false })).rejects.toMatchObject(
        unavailable,
      );
      expect(performance.now() - before).toBeLessThan(1000);
    } finally {
      server.thaw();
    }
    await eventually(() => journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }));
    expect((await journal.read('op_1'))?.events).toEqual([prepared('op_1'), ended('pool', 'a')]);
  });

  it('that hangs while an operation begins may begin it afterwards: then nobody renews it, and it is there to be adopted', async () => {
    await begin(journal, 'op_1');
    server.freeze();
    try {
      const claims = [{ scope: 'flush', name: 'pool', fingerprint: null, expiresAt: at + 60_000 }] as const;
      const short = { ...lease, until: lease.now };
      await expect(begin(journal, 'op_2', { claims, lease: short })).rejects.toMatchObject(unavailable);
    } finally {
      server.thaw();
    }
    const kept = await until(
      () => journal.read('op_2').catch(() => undefined),
      (found) => found !== undefined,
    );
    expect(kept?.events).toEqual([prepared('op_2')]);
    await journal.renew(lease);
    expect(await journal.adopt({ ...lease, owner: 'other' }, 10)).toEqual(['op_2']);
  });

  it('goes by its own clock: a replica whose clock is 20 s ahead takes over, frees and forgets nothing', async () => {
    const ahead = await open(address);
    const early = at + 20_000;
    const key = { scope: 'key', name: 'k', fingerprint: null, expiresAt: at + 15_000 } as const;
    const spending = [{ target: 'pool', count: 10, perMinute: 10 }];
    await begin(journal, 'op_1', { claims: [key], spending, lease: { owner: 'me', now: at, until: at + 15_000 } });
    expect(await ahead.adopt({ owner: 'you', now: early, until: early + 15_000 }, 10)).toEqual([]);
    const again = { claims: [{ ...key, expiresAt: early + 15_000 }], at: early };
    expect(await begin(ahead, 'op_2', again)).toMatchObject({ is: 'held', held: { operation: 'op_1' } });
    expect(await ahead.held('key', 'k', early)).toMatchObject({ operation: 'op_1' });
    expect(await ahead.spent('pool', at + 70_000)).toBe(10);
    expect(await begin(ahead, 'op_3', { spending, at: at + 70_000 })).toMatchObject({ is: 'spent', left: 0 });
    await ahead.prune({ now: at + 70_000, before: 0, dryRunsBefore: 0 }, 10);
    expect(await journal.held('key', 'k', at)).toMatchObject({ operation: 'op_1' });
    expect(await journal.spent('pool', at)).toBe(10);
    await ahead.close();
  });

  it('that is busy with what it was given, but there, is waited for', async () => {
    await begin(journal, 'op_1');
    const client = new pg.Client(address);
    await client.connect();
    await client.query("begin; select 1 from operations where id = 'op_1' for update");
    const written = journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false });
    // Longer than a server may be silent.
    await sleep(600);
    await client.query('commit');
    await client.end();
    await written;
    expect((await journal.read('op_1'))?.events).toHaveLength(2);
  });

  it('gets its tables from one of several replicas that start together', async () => {
    const empty = await server.database();
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 4 }, () => migrate(() => new PostgresSession({ connectionString: empty }), signal)),
    );
    await (await open(empty)).close();
  });

  it('that ends an idle connection ends nothing else', async () => {
    await begin(journal, 'op_1');
    const client = new pg.Client(address);
    await client.connect();
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice'");
    await client.end();
    await eventually(() => journal.append('op_1', 'me', { from: 1, events: [ended()], isOver: false }));
    expect((await journal.read('op_1'))?.events).toHaveLength(2);
  });

  it('whose rows somebody keeps locked fails what is written in bounded time, and only that', async () => {
    await begin(journal, 'op_1');
    await begin(journal, 'op_2');
    const client = new pg.Client(address);
    await client.connect();
    await client.query("begin; select 1 from operations where id = 'op_1' for update");
    await expect(
      journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }),
    ).rejects.toMatchObject(unavailable);
    await journal.append('op_2', 'me', { from: 1, events: [ended()], isOver: false });
    await client.query('rollback');
    await client.end();
    await eventually(() => journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }));
    expect((await journal.read('op_1'))?.events).toEqual([prepared('op_1'), ended('pool', 'a')]);
  });

  it('takes what was begun before the journal was closed, and nothing after', async () => {
    await begin(journal, 'op_1');
    const written = journal.append('op_1', 'me', { from: 1, events: [ended()], isOver: false });
    await journal.close();
    await written;
    await expect(begin(journal, 'op_2')).rejects.toMatchObject(unavailable);
    const again = await open(address);
    expect((await again.read('op_1'))?.events).toEqual([prepared('op_1'), ended()]);
    await again.close();
  });
});
