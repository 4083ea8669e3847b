import type { Journal } from '../core/record/journal.js';
import { StoreUnusable } from './database.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { migrate } from './sql/migrate.js';
import { PostgresDatabase } from './postgres/postgres.js';
import { SqlJournal } from './sql/sql.journal.js';
import { SqliteDatabase } from './sqlite/sqlite.js';
import type { StoreConfig } from './store.config.js';

const defaultPath = 'data/sluice.db';

/**
 * Opens the journal that a configuration names, and makes its tables. Throws StoreUnusable if a SQLite file cannot be
 * opened. A PostgreSQL server that cannot be reached is waited for: until then every call fails.
 */
export async function openJournal({ memory, postgres, sqlite }: StoreConfig): Promise<Journal> {
  if (memory) return new MemoryJournal(memory.kept);
  if (postgres) return new SqlJournal(await openPostgres(postgres.url.secret.reveal()), 'postgres');
  return new SqlJournal(await openSqlite(sqlite?.path ?? defaultPath), 'sqlite');
}

/** A SQLite file with its tables. Throws StoreUnusable if it cannot be used. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const database = new SqliteDatabase(path);
  await database.open();
  try {
    await migrate(database, 'sqlite');
    return database;
  } catch (thrown) {
    await database.close();
    throw new StoreUnusable(`The SQLite file ${path} cannot be brought to the newest tables: ${wordsOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** A PostgreSQL server with its tables: now, or as soon as it can be reached. */
export async function openPostgres(url: string): Promise<PostgresDatabase> {
  const database = new PostgresDatabase(url);
  await database.open();
  return database;
}

function wordsOf(thrown: unknown): string {
  const { cause } = thrown as { readonly cause?: unknown };
  const reason = cause ?? thrown;
  return reason instanceof Error ? reason.message : String(reason);
}
