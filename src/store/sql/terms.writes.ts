import { sql, type Kysely } from 'kysely';
import type { Claim } from '../../core/record/journal.js';
import { ifMet } from './join.js';
import type { Schema } from './schema.js';
import { prepare } from './statement.js';

/** What writes claims and budgets, each compiled once. */
export function termsWritesFor(database: Kysely<Schema>) {
  return {
    /** Takes a claim that nobody has, or not any more. */
    claim: prepare<{
      scope: Claim['scope'];
      name: string;
      operation: string;
      fingerprint: string | null;
      expiresAt: number;
      now: number;
    }>((slots) =>
      database
        .insertInto('claims')
        .values({
          scope: slots.scope,
          name: slots.name,
          operation: slots.operation,
          fingerprint: slots.fingerprint,
          expires_at: slots.expiresAt,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['scope', 'name'])
            .doUpdateSet((update) => ({
              operation: update.ref('excluded.operation'),
              fingerprint: update.ref('excluded.fingerprint'),
              expires_at: update.ref('excluded.expires_at'),
            }))
            .where('claims.expires_at', '<=', slots.now),
        ),
    ),

    giveBackFlushes: prepare<{ operation: string }>((slots) =>
      database
        .deleteFrom('claims')
        .where('operation', '=', slots.operation)
        .where('scope', '=', sql.lit<Claim['scope']>('flush'))
        .where(ifMet),
    ),

    giveBack: prepare<{ operation: string }>((slots) =>
      database.deleteFrom('claims').where('operation', '=', slots.operation).where(ifMet),
    ),

    /** Lets nobody else spend of a target until the transaction is over. */
    lockBudget: prepare<{ target: string }>((slots) =>
      database
        .insertInto('budgets')
        .values({ target: slots.target })
        .onConflict((conflict) =>
          conflict.column('target').doUpdateSet((update) => ({ target: update.ref('excluded.target') })),
        ),
    ),

    /** Takes kills out of a budget, if enough are left. */
    spend: prepare<{ operation: string; target: string; at: number; count: number; since: number; perMinute: number }>(
      (slots) =>
        database
          .insertInto('kills')
          .columns(['operation', 'target', 'at', 'count'])
          .expression((from) =>
            from
              .selectFrom(
                from
                  .selectFrom('kills')
                  .select(sql<number>`coalesce(sum(kills.count), 0)`.as('sum'))
                  .where('target', '=', slots.target)
                  .where('at', '>', slots.since)
                  .as('spent'),
              )
              .select([
                sql<string>`cast(${slots.operation} as text)`.as('operation'),
                sql<string>`cast(${slots.target} as text)`.as('target'),
                sql<number>`cast(${slots.at} as bigint)`.as('at'),
                sql<number>`cast(${slots.count} as integer)`.as('count'),
              ])
              .where(sql<boolean>`spent.sum + cast(${slots.count} as integer) <= cast(${slots.perMinute} as integer)`),
          ),
    ),
  };
}
