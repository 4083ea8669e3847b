import type { Kysely } from 'kysely';
import { windowMs } from './budget.js';
import type { Database } from './database.js';
import type { Schema } from './sql/schema.js';
import { compile } from './sql/statement.js';
import type { Words } from './sql/words.js';

/**
 * Deletes operations that are over and were created before then, claims that have expired or whose flush nobody works on,
 * and kills that count no longer: at most so many of each. Gives the most that it deleted of any.
 */
export async function pruneDead(
  database: Database,
  builder: Kysely<Schema>,
  { reads }: Words,
  { before, now, limit }: { readonly before: number; readonly now: number; readonly limit: number },
): Promise<number> {
  const old = await database.read(reads.old({ before, limit }));
  const ids = old.map(({ id }) => String(id));
  if (ids.length > 0) {
    // What is over stays over: nothing can be added between the reading and the deleting.
    await database.write(
      [
        builder.deleteFrom('operation_processes').where('operation', 'in', ids),
        builder.deleteFrom('operation_targets').where('operation', 'in', ids),
        builder.deleteFrom('events').where('operation', 'in', ids),
        builder.deleteFrom('operations').where('id', 'in', ids),
      ].map((query) => ({ statement: compile(query) })),
    );
  }
  const abandoned = await database.read(reads.abandoned({ limit }));
  for (const { scope, name, operation } of abandoned) {
    // Named with its operation: somebody else may have taken it meanwhile.
    const query = builder
      .deleteFrom('claims')
      .where('scope', '=', scope as 'flush')
      .where('name', '=', String(name))
      .where('operation', '=', String(operation));
    await database.write([{ statement: compile(query) }]);
  }
  const expired = await deleted(
    database,
    builder
      .deleteFrom('claims')
      // Twice: one that is taken anew while this waits for it is judged again by this condition alone.
      .where('expires_at', '<=', now)
      .where((eb) =>
        eb(
          eb.refTuple('scope', 'name'),
          'in',
          eb
            .selectFrom('claims')
            .select(['scope', 'name'])
            .where('expires_at', '<=', now)
            .limit(limit)
            .$asTuple('scope', 'name'),
        ),
      )
      .returning('name'),
  );
  const counted = await deleted(
    database,
    builder
      .deleteFrom('kills')
      .where((eb) =>
        eb(
          eb.refTuple('operation', 'target'),
          'in',
          eb
            .selectFrom('kills')
            .select(['operation', 'target'])
            .where('at', '<=', now - windowMs)
            .limit(limit)
            .$asTuple('operation', 'target'),
        ),
      )
      .returning('target'),
  );
  return Math.max(ids.length, abandoned.length, expired, counted);
}

async function deleted(database: Database, query: Parameters<typeof compile>[0]): Promise<number> {
  const written = await database.write([{ statement: compile(query), gives: true }]);
  return written.is === 'written' ? written.rows.length : 0;
}
