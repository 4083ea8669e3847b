import { builderFor } from './builder.js';
import { Unavailable, type Database } from '../database.js';
import { migrationsFor, type Engine } from './schema.js';
import { compile } from './statement.js';

/** Any number, as long as all replicas take the same. */
const lock = 7_584_223;

/**
 * Brings a database to the newest tables. Several processes may do so at once: the first makes them, in one transaction, and the
 * others find them. What a newer version has made already is left as it is.
 */
export async function migrate(database: Pick<Database, 'read' | 'write'>, engine: Engine): Promise<void> {
  const builder = builderFor(engine);
  const done = await doneIn(database);
  for (const [name, statements] of Object.entries(migrationsFor(engine))) {
    if (done.has(name)) continue;
    await database.write([
      // SQLite lets only one process write anyway.
      ...(engine === 'postgres'
        ? [{ statement: { sql: `select pg_advisory_xact_lock(${String(lock)})`, parameters: [] } }]
        : []),
      {
        statement: compile(
          builder.schema
            .createTable('migrations')
            .ifNotExists()
            .addColumn('name', 'text', (column) => column.primaryKey().notNull()),
        ),
      },
      {
        statement: compile(
          builder
            .insertInto('migrations')
            .values({ name })
            .onConflict((one) => one.doNothing()),
        ),
        must: true,
      },
      ...statements(builder.schema).map((statement) => ({ statement: compile(statement) })),
    ]);
  }
}

async function doneIn(database: Pick<Database, 'read'>): Promise<ReadonlySet<string>> {
  try {
    const rows = await database.read({ sql: 'select name from migrations', parameters: [] });
    return new Set(rows.map(({ name }) => String(name)));
  } catch (thrown) {
    // An empty database has no such table; whatever else is wrong, writing will tell.
    if (thrown instanceof Unavailable) return new Set();
    throw thrown;
  }
}
