import { readFileSync } from 'node:fs';
import type { Journal } from '../core/record/journal.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { PostgresDatabase } from './postgres/postgres.js';
import { postgres, sqlite } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';
import { SqliteDatabase } from './sqlite/sqlite.js';
import type { PostgresConfig, StoreConfig } from './store.config.js';

const defaultPath = 'data/sluice.db';

/**
 * Opens the journal that a configuration names, and makes its tables. Throws StoreUnusable if a SQLite file cannot be
 * opened. A PostgreSQL server that cannot be reached is waited for: until then every call fails.
 */
export async function openJournal(config: StoreConfig): Promise<Journal> {
  if (config.memory) return new MemoryJournal(config.memory.kept);
  if (config.postgres) return new SqlJournal(await openPostgres(addressIn(config.postgres)), postgres);
  return new SqlJournal(await openSqlite(config.sqlite?.path ?? defaultPath), sqlite);
}

/** A SQLite file with its tables. Throws StoreUnusable if it cannot be used. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const database = new SqliteDatabase(path);
  await database.open();
  return database;
}

/** A PostgreSQL server with its tables: now, or as soon as it can be reached. Its address is asked for at each new connection. */
export async function openPostgres(address: () => string): Promise<PostgresDatabase> {
  const database = new PostgresDatabase(address);
  await database.open();
  return database;
}

/** The address as its file tells it now: of one that cannot be read, what was known is used. */
function addressIn({ url }: PostgresConfig): () => string {
  return () => {
    try {
      const text = url.file === undefined ? '' : readFileSync(url.file, 'utf8').trim();
      return text === '' ? url.secret.reveal() : text;
    } catch {
      return url.secret.reveal();
    }
  };
}
