import { sql, type Expression, type Kysely, type SqlBool } from 'kysely';
import type { Claim, OperationQuery } from '../core/journal.js';
import type { Schema } from './schema.js';
import { compile, prepare, storable, type Statement } from './statement.js';

/** All that was written of an operation, as the inside of a JSON list of lists. */
const bodies = sql<string>`(select string_agg(e.body, ',' order by e.seq) from events as e where e.operation = o.id)`;

const dead = sql.lit(0);

/** What reads the tables, each compiled once. */
export function readsFor(database: Kysely<Schema>) {
  return {
    operation: prepare<{ id: string }>((slots) =>
      database
        .selectFrom('operations as o')
        .select(['o.record', bodies.as('bodies')])
        .where('o.id', '=', slots.id),
    ),

    held: prepare<{ scope: Claim['scope']; name: string; now: number }>((slots) =>
      database
        .selectFrom('claims')
        .select(['scope', 'name', 'operation', 'fingerprint', 'expires_at'])
        .where('scope', '=', slots.scope)
        .where('name', '=', slots.name)
        .where('expires_at', '>', slots.now),
    ),

    /** The kills that still count, oldest first. */
    kills: prepare<{ target: string; since: number }>((slots) =>
      database
        .selectFrom('kills')
        .select(['at', 'count'])
        .where('target', '=', slots.target)
        .where('at', '>', slots.since)
        .orderBy('at'),
    ),

    unsettled: prepare<{ since: number }>((slots) =>
      database
        .selectFrom('operation_targets as t')
        .innerJoin('operations as o', 'o.id', 't.operation')
        .select(['t.target', (from) => from.fn.countAll<number>().as('count')])
        .where('t.unsettled', '=', sql.lit(1))
        .where('o.created_at', '>=', slots.since)
        .groupBy('t.target'),
    ),

    /** Operations that may be deleted, oldest first. */
    old: prepare<{ before: number; limit: number }>((slots) =>
      database
        .selectFrom('operations')
        .select('id')
        .where('created_at', '<', slots.before)
        .where('is_over', '=', sql.lit(1))
        .orderBy('created_at')
        .limit(slots.limit),
    ),

    /** Claims of flushes that nobody works on any more. */
    abandoned: prepare<{ limit: number }>((slots) =>
      database
        .selectFrom('claims as c')
        .select(['c.scope', 'c.name', 'c.operation'])
        .where('c.scope', '=', sql.lit<Claim['scope']>('flush'))
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('operations as o')
                .select('o.id')
                .whereRef('o.id', '=', 'c.operation')
                .where('o.is_over', '=', dead),
            ),
          ),
        )
        .limit(slots.limit),
    ),
  };
}

/** The operations that fit, newest first. */
export function listed(database: Kysely<Schema>, query: OperationQuery): Statement {
  const { targets, kind, state, requestedBy, requestId, processId, since, until, after, limit } = query;
  let found = database
    .selectFrom('operations as o')
    .select(['o.id', 'o.record', sql<string | null>`case when o.record is null then ${bodies} end`.as('bodies')])
    .where('o.dry_run', '=', sql.lit(0))
    .orderBy('o.id', 'desc')
    .limit(limit);
  if (after !== undefined) found = found.where('o.id', '<', storable(after));
  if (kind !== undefined) found = found.where('o.kind', '=', kind);
  if (state !== undefined) found = found.where('o.state', '=', state);
  if (requestedBy !== undefined) found = found.where('o.requested_by', '=', storable(requestedBy));
  if (requestId !== undefined) found = found.where('o.request_id', '=', storable(requestId));
  if (since !== undefined) found = found.where('o.created_at', '>=', since);
  if (until !== undefined) found = found.where('o.created_at', '<', until);
  if (targets !== undefined) {
    found = found.where((eb): Expression<SqlBool> =>
      eb.exists(
        eb
          .selectFrom('operation_targets as t')
          .select('t.target')
          .whereRef('t.operation', '=', 'o.id')
          .where('t.target', 'in', targets.map(storable)),
      ),
    );
  }
  if (processId !== undefined) {
    found = found.where((eb): Expression<SqlBool> =>
      eb.exists(
        eb
          .selectFrom('operation_processes as p')
          .select('p.process_id')
          .whereRef('p.operation', '=', 'o.id')
          .where('p.process_id', '=', storable(processId)),
      ),
    );
  }
  return compile(found);
}
