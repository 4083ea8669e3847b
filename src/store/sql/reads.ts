import { sql, type Kysely } from 'kysely';
import type { Claim } from '../../core/record/journal.js';
import { bodies } from './listed.js';
import type { Schema } from './schema.js';
import { prepare } from './statement.js';

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
