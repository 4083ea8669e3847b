import {
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  DummyDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type PostgresPool,
} from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Database } from './database.js';
import { migrationsFor, type Engine, type Schema } from './schema.js';
import type { Value } from './statement.js';

/** Builds statements in the words of an engine, and sends none. */
export function builderFor(engine: Engine): Kysely<Schema> {
  const createDriver = () => new DummyDriver();
  const dialect: Dialect =
    engine === 'postgres'
      ? {
          createDriver,
          createAdapter: () => new PostgresAdapter(),
          createQueryCompiler: () => new PostgresQueryCompiler(),
          createIntrospector: (database) => new PostgresIntrospector(database),
        }
      : sqliteDialect(createDriver);
  return new Kysely<Schema>({ dialect });
}

/** Brings a SQLite file to the newest tables. Several processes may do so at once. */
export async function migrateSqlite(database: Database): Promise<void> {
  await migrate(new Kysely<Schema>({ dialect: sqliteDialect(() => new SqliteDriver(database)) }), 'sqlite');
}

/** Brings a PostgreSQL database to the newest tables, under a lock that all replicas share. Ends the pool. */
export async function migratePostgres(pool: PostgresPool): Promise<void> {
  const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(database, 'postgres');
  } finally {
    await database.destroy();
  }
}

async function migrate(database: Kysely<Schema>, engine: Engine): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve(migrationsFor(engine)) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('The migration failed.', { cause: error });
}

function sqliteDialect(createDriver: () => Driver): Dialect {
  return {
    createDriver,
    createAdapter: () => new LockingAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}

/** SQLite changes tables in transactions as well, and one that is begun `immediate` keeps other processes out. */
class LockingAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Sends each statement by itself: for migrations, while nobody else uses the file through this process. */
class SqliteDriver implements Driver {
  readonly #connection: DatabaseConnection;
  readonly #run: (sql: string) => Promise<unknown>;

  constructor(database: Database) {
    const run = (sql: string, parameters: readonly Value[] = []) => database.read({ sql, parameters });
    this.#run = run;
    this.#connection = {
      executeQuery: async ({ sql, parameters }: CompiledQuery) => ({
        rows: (await run(sql, parameters as readonly Value[])) as never[],
      }),
      streamQuery: () => {
        throw new Error('Migrations read no streams.');
      },
    };
  }

  init = (): Promise<void> => Promise.resolve();
  destroy = (): Promise<void> => Promise.resolve();
  releaseConnection = (): Promise<void> => Promise.resolve();
  acquireConnection = (): Promise<DatabaseConnection> => Promise.resolve(this.#connection);

  async beginTransaction(): Promise<void> {
    await this.#run('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.#run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    await this.#run('rollback');
  }
}
