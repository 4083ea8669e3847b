import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import type { Journal } from '../core/record/journal.js';
import type { WrittenListener } from '../core/record/written.js';
import type { SecretReference } from '../transport/secret.config.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { PostgresDatabase } from './postgres/postgres.js';
import { postgres, sqlite } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';
import type { StoreObserver } from './sql/tables.js';
import { SqliteDatabase } from './sqlite/sqlite.js';
import type { PostgresConfig, StoreConfig } from './store.config.js';

/** Where the file is, unless a configuration says otherwise. */
export const defaultPath = 'data/sluice.db';

/**
 * Opens the journal that a configuration names, and makes its tables. Throws StoreUnusable if a SQLite file cannot be
 * opened. A PostgreSQL server that cannot be reached is waited for: until then every call fails. What is done with the
 * tables of either is told to the observer, and what is written of operations to the listener.
 */
export async function openJournal(
  config: StoreConfig,
  observe?: StoreObserver,
  onWritten?: WrittenListener,
): Promise<Journal> {
  if (config.memory) return new MemoryJournal(config.memory.kept, onWritten);
  if (config.postgres)
    return new SqlJournal(await openPostgres(accessOf(config.postgres)), postgres, observe, onWritten);
  return new SqlJournal(await openSqlite(config.sqlite?.path ?? defaultPath), sqlite, observe, onWritten);
}

/** A SQLite file with its tables. Throws StoreUnusable if it cannot be used. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const database = new SqliteDatabase(path);
  await database.open();
  return database;
}

/**
 * A PostgreSQL server with its tables: now, or as soon as it can be reached. Asks at each new connection how to get in.
 */
export async function openPostgres(access: () => ClientConfig): Promise<PostgresDatabase> {
  const database = new PostgresDatabase(access);
  await database.open();
  return database;
}

/** How to get in, as the files tell it now. */
export function accessOf({ url, password }: PostgresConfig): () => ClientConfig {
  return () => {
    const connectionString = newest(url);
    if (!password) return { connectionString };
    const address = new URL(connectionString);
    address.password = encodeURIComponent(newest(password));
    return { connectionString: address.href };
  };
}

/** What a file holds now: of one that cannot be read or is empty, what was known is used. */
function newest({ file, secret }: SecretReference): string {
  try {
    const text = file === undefined ? '' : readFileSync(file, 'utf8').trim();
    return text === '' ? secret.reveal() : text;
  } catch {
    return secret.reveal();
  }
}
