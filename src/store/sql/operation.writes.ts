import { sql, type Expression, type Kysely, type OnConflictBuilder, type SqlBool } from 'kysely';
import type { OperationKind, OperationState } from '../../core/model/operation.js';
import { ifMet } from './join.js';
import { insertMany, rowsOf, type ManyOf } from './pieces.js';
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
      database
        .insertInto('operations')
        .columns([
          'id',
          'kind',
          'mode',
          'state',
          'requested_by',
          'request_id',
          'dry_run',
          'created_at',
          'owner',
          'lease_until',
          'is_over',
        ])
        .expression(
          database
            .selectNoFrom([
              slots.id.as('id'),
              slots.kind.as('kind'),
              slots.mode.as('mode'),
              sql.lit<OperationState>('running').as('state'),
              slots.requestedBy.as('requested_by'),
              slots.requestId.as('request_id'),
              slots.dryRun.as('dry_run'),
              slots.createdAt.as('created_at'),
              slots.owner.as('owner'),
              slots.until.as('lease_until'),
              never.as('is_over'),
            ])
            .where(ifMet),
        ),
    ),

    targets: insertMany((count) =>
      prepare<ManyOf>((slots) =>
        database
          .insertInto('operation_targets')
          .columns(['operation', 'target', 'unsettled'])
          .expression((from) =>
            from
              .selectFrom(rowsOf(count, slots).as('rows'))
              .select([slots.operation.as('operation'), 'rows.column1 as target', never.as('unsettled')])
              .where(ifMet),
          ),
      ),
    ),

    processes: insertMany((count) =>
      prepare<ManyOf>((slots) =>
        database
          .insertInto('operation_processes')
          .columns(['operation', 'process_id'])
          .expression((from) =>
            from
              .selectFrom(rowsOf(count, slots).as('rows'))
              .select([slots.operation.as('operation'), 'rows.column1 as process_id'])
              .where(ifMet),
          )
          .onConflict((conflict) => conflict.doNothing()),
      ),
    ),

    /** Adds events, whoever owns the operation: only after a step that made sure. */
    add: prepare<{ operation: string; seq: number; body: string }>((slots) =>
      database
        .insertInto('events')
        .columns(['operation', 'seq', 'body'])
        .expression(
          database
            .selectNoFrom([slots.operation.as('operation'), slots.seq.as('seq'), slots.body.as('body')])
            .where(ifMet),
        )
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
        .where('target', '=', slots.target)
        .where(ifMet),
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
