import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/postgres.js';
import { until } from '../../../test/until.js';
import { Secret } from '../../transport/secret.js';
import { SecretReference } from '../../transport/secret.config.js';
import { openJournal, openPostgres } from '../open.js';
import { begin } from '../spec-operations.js';
import { postgres } from '../sql/dialect.js';
import { migrationsFor } from '../sql/schema.js';
import { PostgresSession } from './connection.js';
import { migrate } from './migrate.js';

/** The migration that adds a column and makes an index. */
const adding = '0003-summaries-and-brakes';

(hasPostgres('bringing it to today’s tables') ? describe : describe.skip)('the tables of a PostgreSQL server', () => {
  let server: PostgresServer;
  let address: string;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.drop();
  });

  beforeEach(async () => {
    address = await server.database();
  });

  const make = () => migrate(() => new PostgresSession({ connectionString: address }), new AbortController().signal);

  async function asking<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    // The test itself is not held to the limit that it gives the role.
    const client = new pg.Client({ connectionString: address, options: '-c statement_timeout=0' });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** As the version before left them. */
  async function makeOld(): Promise<void> {
    await make();
    await asking(async (client) => {
      await client.query('alter table operations drop column summary, drop column cancel, drop column bytes');
      await client.query('drop table freezes, checks');
      await client.query('drop index operations_dry_runs');
      await client.query(`delete from migrations where name = '${adding}'`);
    });
  }

  it('are made once by replicas that start together, whatever the limit of a role is', async () => {
    await asking((client) =>
      client.query(`alter role sluice in database ${new URL(address).pathname.slice(1)} set statement_timeout = 1`),
    );
    await Promise.all(Array.from({ length: 4 }, make));
    const { rows } = await asking((client) =>
      client.query<{ name: string }>('select name from migrations order by name'),
    );
    expect(rows.map(({ name }) => name)).toEqual(migrationsFor(postgres).map(({ name }) => name));
  });

  it('hold up nobody while they are waited for, and are made once they are free', async () => {
    await makeOld();
    const times: number[] = [];
    await asking(async (reader) => {
      await reader.query('begin; select count(*) from operations');
      let isMade = false;
      const making = make().then(() => {
        isMade = true;
      });
      await asking(async (old) => {
        for (let index = 0; index < 20; index += 1) {
          const since = performance.now();
          await old.query(
            `insert into operations (id, kind, state, requested_by, request_id, dry_run, created_at, is_over)
              values ('op_${String(index)}', 'sessions.flush', 'failed', 'sue', 'r', 0, 0, 1)`,
          );
          times.push(performance.now() - since);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      });
      expect(isMade).toBe(false);
      await reader.query('commit');
      await making;
    });
    // A request has 1.5 s.
    expect(Math.max(...times)).toBeLessThan(1500);
    await asking((client) => client.query('select summary, cancel, bytes from operations'));
  });

  it('get an index that was left half made again', async () => {
    await make();
    const isValid = () =>
      asking(async (client) => {
        const text = "select indisvalid from pg_index where indexrelid = to_regclass('operations_bytes')";
        return (await client.query<{ indisvalid: boolean }>(text)).rows[0]?.indisvalid;
      });
    await asking(async (client) => {
      await client.query(`update pg_index set indisvalid = false where indexrelid = to_regclass('operations_bytes')`);
      await client.query(`delete from migrations where name = '${adding}'`);
    });
    expect(await isValid()).toBe(false);
    await make();
    expect(await isValid()).toBe(true);
  });

  it('are enough for a role that may create nothing', async () => {
    await make();
    await asking(async (client) => {
      await client.query('create role clerk login');
      await client.query('grant select, insert, update, delete on all tables in schema public to clerk');
    });
    const clerk = address.replace('sluice@', 'clerk@');
    const database = await openPostgres(() => ({ connectionString: clerk }));
    expect(await database.read({ sql: 'select count(*) as count from operations', parameters: [] })).toEqual([
      { count: 0 },
    ]);
    await database.close();
  });

  it('are found again within 5 s once the password was changed, at the server and in its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-password-'));
    const [url, password] = [new SecretReference(), new SecretReference()];
    url.resolve(new Secret(address.replace('sluice@', 'changing@')));
    password.file = join(folder, 'password');
    const change = (to: string) =>
      asking(async (client) => {
        await client.query(`alter role changing password '${to}'`);
        writeFileSync(join(folder, 'password'), `${to}\n`);
        await client.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'changing'");
      });
    await asking(async (client) => {
      await client.query('create role changing login; grant all on schema public to changing');
      const file = (await client.query<{ hba_file: string }>('show hba_file')).rows[0]?.hba_file ?? '';
      const lines = [
        'local all all trust',
        'host all changing 127.0.0.1/32 scram-sha-256',
        'host all all 127.0.0.1/32 trust',
      ];
      await client.query(`copy (values ${lines.map((line) => `('${line}')`).join(', ')}) to '${file}'`);
      await client.query('select pg_reload_conf()');
    });
    await change('one');
    password.resolve(new Secret('one'));
    const journal = await openJournal({ postgres: { url, password } });
    try {
      await until(
        () => begin(journal, 'op_1').catch(() => null),
        (begun) => begun !== null,
      );
      await change('two');
      await until(
        () => begin(journal, 'op_2').catch(() => null),
        (begun) => begun !== null,
        5000,
      );
    } finally {
      await journal.close();
      rmSync(folder, { recursive: true });
    }
  });
});
