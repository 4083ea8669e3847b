import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Engine, Schema } from './schema.js';

/** Builds statements in the words of an engine, and sends none. */
export function builderFor(engine: Engine): Kysely<Schema> {
  const createDriver = () => new DummyDriver();
  return new Kysely<Schema>({
    dialect:
      engine === 'postgres'
        ? {
            createDriver,
            createAdapter: () => new PostgresAdapter(),
            createQueryCompiler: () => new PostgresQueryCompiler(),
            createIntrospector: (database) => new PostgresIntrospector(database),
          }
        : {
            createDriver,
            createAdapter: () => new SqliteAdapter(),
            createQueryCompiler: () => new SqliteQueryCompiler(),
            createIntrospector: (database) => new SqliteIntrospector(database),
          },
  });
}
