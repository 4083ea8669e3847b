import { sql, type Expression, type Kysely, type OnConflictBuilder, type SqlBool } from 'kysely';
import type { OperationKind, OperationState } from '../core/operation.js';
import { insertMany } from './pieces.js';
import type { Engine, Schema } from './schema.js';
import { prepare } from './statement.js';

/**
 * What a try before has written in this place is what this one writes, or its beginning. A try that was given up may still
 * come later: it changes nothing that was written since.
 */
const again = (conflict: OnConflictBuilder<Schema, 'events'>) =>
  conflict
    .columns(['operation', 'seq'])
    .doUpdateSet({ body: (from) => from.ref('excluded.body') })
    .where(sql<SqlBool>`length(excluded.body) >= length(events.body)`);

/** What writes operations, each compiled once. */
export function operationWritesFor(database: Kysely<Schema>, engine: Engine) {
  const postgres = engine === 'postgres';
  const never = sql.lit(0);
  /** Has nothing been written behind this place? */
  const isLast = (seq: Expression<number>) =>
    sql<SqlBool>`not exists (select 1 from events where events.operation = operations.id and events.seq > ${seq})`;
  return {
    begin: prepare<{
      id: string;
      kind: OperationKind;
      mode: string | null;
      requestedBy: string;
      requestId: string;
      dryRun: number;
      createdAt: number;
      owner: string;
      until: number;
    }>((slots) =>
      database.insertInto('operations').values({
        id: slots.id,
        kind: slots.kind,
        mode: slots.mode,
        state: sql.lit<OperationState>('running'),
        requested_by: slots.requestedBy,
        request_id: slots.requestId,
        dry_run: slots.dryRun,
        created_at: slots.createdAt,
        owner: slots.owner,
        lease_until: slots.until,
        is_over: never,
      }),
    ),

    targets: insertMany((count) =>
      prepare<Record<string, string>>((slots) =>
        database.insertInto('operation_targets').values(
          Array.from({ length: count }, (_, index) => ({
            operation: slots['operation'] as never,
            target: slots[String(index)] as never,
            unsettled: never,
          })),
        ),
      ),
    ),

    processes: insertMany((count) =>
      prepare<Record<string, string>>((slots) =>
        database
          .insertInto('operation_processes')
          .values(
            Array.from({ length: count }, (_, index) => ({
              operation: slots['operation'] as never,
              process_id: slots[String(index)] as never,
            })),
          )
          .onConflict((conflict) => conflict.doNothing()),
      ),
    ),

    /** Adds events, whoever owns the operation: only after a step that made sure. */
    add: prepare<{ operation: string; seq: number; body: string }>((slots) =>
      database
        .insertInto('events')
        .values({ operation: slots.operation, seq: slots.seq, body: slots.body })
        .onConflict(again),
    ),

    /** Adds events, if the operation is the owner's. The row is locked, so that nobody adopts it in between. */
    addOwned: prepare<{ operation: string; owner: string; seq: number; body: string }>((slots) =>
      database
        .insertInto('events')
        .columns(['operation', 'seq', 'body'])
        .expression((from) =>
          from
            .selectFrom('operations')
            .select([
              'operations.id',
              sql<number>`cast(${slots.seq} as integer)`.as('seq'),
              sql<string>`cast(${slots.body} as text)`.as('body'),
            ])
            .where('id', '=', slots.operation)
            .where('owner', '=', slots.owner)
            .where('is_over', '=', never)
            .where(isLast(slots.seq))
            .$if(postgres, (query) => query.forNoKeyUpdate()),
        )
        .onConflict(again),
    ),

    /** Says how an operation stands, if it is the owner's. What is null stays as it was; whose it is then is written. */
    stand: prepare<{
      operation: string;
      owner: string;
      seq: number;
      next: string | null;
      isOver: number;
      state: OperationState | null;
      endedAt: number | null;
      record: string | null;
    }>((slots) =>
      database
        .updateTable('operations')
        .set({
          state: sql`coalesce(${slots.state}, state)`,
          ended_at: sql`coalesce(${slots.endedAt}, ended_at)`,
          record: sql`coalesce(${slots.record}, record)`,
          owner: slots.next,
          is_over: slots.isOver,
        })
        .where('id', '=', slots.operation)
        .where('owner', '=', slots.owner)
        .where('is_over', '=', never)
        .where(isLast(slots.seq)),
    ),

    settle: prepare<{ operation: string; target: string; unsettled: number }>((slots) =>
      database
        .updateTable('operation_targets')
        .set({ unsettled: slots.unsettled })
        .where('operation', '=', slots.operation)
        .where('target', '=', slots.target),
    ),

    renew: prepare<{ owner: string; until: number }>((slots) =>
      database
        .updateTable('operations')
        .set({ lease_until: slots.until })
        .where('owner', '=', slots.owner)
        .where('is_over', '=', never),
    ),

    /** Takes over what nobody keeps; of two who try at once, the second sees what the first has left. */
    adopt: prepare<{ owner: string; until: number; now: number; limit: number }>((slots) =>
      database
        .with('due', (from) =>
          from
            .selectFrom('operations')
            .select('id')
            .where('is_over', '=', never)
            .where('lease_until', '<=', slots.now)
            .orderBy('id')
            .limit(slots.limit)
            .$if(postgres, (query) => query.forUpdate().skipLocked()),
        )
        .updateTable('operations')
        .set({ owner: slots.owner, lease_until: slots.until })
        .where('id', 'in', (from) => from.selectFrom('due').select('due.id'))
        .returning('id'),
    ),
  };
}
