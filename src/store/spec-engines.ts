import { hasPostgres, startPostgres } from '../../test/postgres.js';
import type { Database, Row } from './database.js';
import { openPostgres, openSqlite } from './open.js';
import { postgres, sqlite, type Dialect } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';

/** An empty store of an engine that keeps tables, whose clock is that of the spec. */
export interface SpecStore {
  readonly database: Database;
  readonly dialect: Dialect;
  /** A file of SQLite, or the URL of a database. */
  readonly place: string;
  journal(): SqlJournal;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

async function onSqlite(place: string): Promise<SpecStore> {
  const database = await openSqlite(place);
  return storeOf(database, sqlite, place, () => database.close());
}

async function onPostgres(): Promise<SpecStore> {
  const server = await startPostgres();
  const url = await server.database();
  const database = await openPostgres(() => ({ connectionString: url }));
  return storeOf(database, { ...postgres, now: 'cast(:now as bigint)' }, url, async () => {
    await database.close();
    await server.drop();
  });
}

function storeOf(database: Database, dialect: Dialect, place: string, close: () => Promise<void>): SpecStore {
  return {
    database,
    dialect,
    place,
    close,
    journal: () => new SqlJournal(database, dialect),
    run: async (sql) => {
      await database.write(sql.split(';\n').map((one) => ({ statement: { sql: one, parameters: [] } })));
    },
    rows: (sql) => database.read({ sql, parameters: [] }),
  };
}

/** The engines there are here, by name. SQLite keeps its store in this file. */
export function specEngines(what: string): Readonly<Record<string, (file: string) => Promise<SpecStore>>> {
  return { sqlite: onSqlite, ...(hasPostgres(what) ? { postgres: onPostgres } : {}) };
}
