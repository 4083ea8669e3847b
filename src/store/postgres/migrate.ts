import { setTimeout as sleep } from 'node:timers/promises';
import { postgres } from '../sql/dialect.js';
import { migrationsFor, type Migration } from '../sql/schema.js';
import { answerMs, type PostgresSession } from './connection.js';
import { stateOf } from './trouble.js';

/** Any number, as long as all replicas take the same. */
const lock = 7_584_223;
/** How long a table is waited for: whoever wants it behind us waits along. Then we try again. */
const lockMs = 200;
const pauseMs = 500;
const lockNotAvailable = '55P03';
const undefinedTable = '42P01';

/**
 * Brings a database to today's tables. The work has no time limit, and holds up nobody: others go on with the tables
 * that are there, and of replicas that start together one makes them. What a newer version has made already is left as
 * it is. Rejects with whatever the server answers, or once it is stopped.
 */
export async function migrate(connect: () => PostgresSession, stopped: AbortSignal): Promise<void> {
  await withConnection(connect, stopped, async (client) => {
    if ((await missingIn(client)).length === 0) return;
    await withConnection(connect, stopped, async (guard) => {
      await takeLock(guard, stopped);
      // What another replica has made meanwhile is not made again.
      for (const migration of await missingIn(client)) await make(client, migration, stopped);
    });
  });
}

async function withConnection(
  connect: () => PostgresSession,
  stopped: AbortSignal,
  work: (client: PostgresSession) => Promise<void>,
): Promise<void> {
  const client = connect();
  const end = (): void => {
    client.connection.stream.destroy();
  };
  stopped.addEventListener('abort', end);
  const slow = setTimeout(end, answerMs);
  try {
    await client.connect();
    clearTimeout(slow);
    await client.query('set statement_timeout = 0');
    await work(client);
  } finally {
    clearTimeout(slow);
    stopped.removeEventListener('abort', end);
    client.end().catch(() => undefined);
  }
}

async function missingIn(client: PostgresSession): Promise<readonly Migration[]> {
  const migrations = migrationsFor(postgres);
  try {
    const { rows } = await client.query<{ name: string }>('select name from migrations');
    return migrations.filter(({ name }) => rows.every((row) => row.name !== name));
  } catch (thrown) {
    // An empty database has no such table.
    if (stateOf(thrown) === undefinedTable) return migrations;
    throw thrown;
  }
}

/**
 * Takes the lock in a transaction that stays open: so it holds through a pooler, too, and ends with the connection. It
 * is never waited for in a statement: an index that is being made would wait for that statement.
 */
async function takeLock(guard: PostgresSession, stopped: AbortSignal): Promise<void> {
  for (;;) {
    await guard.query('begin; set local idle_in_transaction_session_timeout = 0');
    const { rows } = await guard.query<{ isOurs: boolean }>(
      `select pg_try_advisory_xact_lock(${String(lock)}) as "isOurs"`,
    );
    if (rows[0]?.isOurs) return;
    await guard.query('rollback');
    await sleep(pauseMs, undefined, { signal: stopped });
  }
}

async function make(
  client: PostgresSession,
  { name, tables, indexes }: Migration,
  stopped: AbortSignal,
): Promise<void> {
  const begin = `begin; set local lock_timeout = ${String(lockMs)}; create table if not exists migrations
    (name text not null primary key)`;
  if (tables.length > 0) await patiently(() => inTransaction(client, [begin, ...tables]), stopped);
  for (const [index, on] of Object.entries(indexes)) await makeIndex(client, index, on);
  await client.query('insert into migrations (name) values ($1) on conflict do nothing', [name]);
}

/** Makes an index while others write. One that was left half made is of no use, and is made again. */
async function makeIndex(client: PostgresSession, index: string, on: string): Promise<void> {
  const { rows } = await client.query<{ isHalf: boolean }>(
    'select not indisvalid as "isHalf" from pg_index where indexrelid = to_regclass($1)',
    [index],
  );
  if (rows[0]?.isHalf) await client.query(`drop index concurrently if exists ${index}`);
  await client.query(`create index concurrently if not exists ${index} on ${on}`);
}

async function inTransaction(client: PostgresSession, statements: readonly string[]): Promise<void> {
  try {
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  } catch (thrown) {
    await client.query('rollback');
    throw thrown;
  }
}

async function patiently(work: () => Promise<void>, stopped: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (thrown) {
      if (stateOf(thrown) !== lockNotAvailable) throw thrown;
      await sleep(pauseMs, undefined, { signal: stopped });
    }
  }
}
