import { sql, type Compilable, type RawBuilder, type SchemaModule } from 'kysely';
import type { Claim } from '../../core/record/journal.js';
import type { OperationKind, OperationState } from '../../core/model/operation.js';

/** The engines that the schema is for. */
export type Engine = 'sqlite' | 'postgres';

/** The tables. Times are milliseconds since the epoch, truths 0 or 1, ids of vendors text. */
export interface Schema {
  operations: {
    /** Ids sort by the time they were made. */
    id: string;
    kind: OperationKind;
    mode: string | null;
    state: OperationState;
    requested_by: string;
    request_id: string;
    dry_run: number;
    created_at: number;
    ended_at: number | null;
    owner: string | null;
    lease_until: number | null;
    is_over: number;
    /** The record as JSON, once the operation is closed. */
    record: string | null;
  };
  events: {
    operation: string;
    seq: number;
    /** A JSON list: the events that were written together. */
    body: string;
  };
  operation_targets: {
    operation: string;
    target: string;
    /** What came of it is unknown. */
    unsettled: number;
  };
  operation_processes: {
    process_id: string;
    operation: string;
  };
  claims: {
    scope: Claim['scope'];
    name: string;
    operation: string;
    fingerprint: string | null;
    expires_at: number;
  };
  kills: {
    operation: string;
    target: string;
    at: number;
    count: number;
  };
  /** A row a target, for no other purpose than to be locked by who spends. */
  budgets: {
    target: string;
  };
  /** What was done to come to these tables. */
  migrations: {
    name: string;
  };
}

/** The steps that lead from an empty database to these tables, in the order of their names. */
export function migrationsFor(
  engine: Engine,
): Readonly<Record<string, (schema: SchemaModule) => readonly Compilable[]>> {
  // Byte order, as JavaScript sorts, whatever the locale of the server is or becomes.
  const key: RawBuilder<unknown> = engine === 'postgres' ? sql`text collate "C"` : sql`text`;
  // Small rows need no other key than their own.
  const flat = engine === 'sqlite' ? sql`without rowid` : sql``;
  return {
    '0001-operations': (schema) => [
      schema
        .createTable('operations')
        .addColumn('id', key, (column) => column.primaryKey().notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('mode', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('requested_by', key, (column) => column.notNull())
        .addColumn('request_id', key, (column) => column.notNull())
        .addColumn('dry_run', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('owner', key)
        .addColumn('lease_until', 'bigint')
        .addColumn('is_over', 'integer', (column) => column.notNull())
        .addColumn('record', 'text'),
      schema.createIndex('operations_created_at').on('operations').column('created_at'),
      schema.createIndex('operations_request_id').on('operations').column('request_id'),
      schema
        .createIndex('operations_live')
        .on('operations')
        .column('owner')
        .where(sql`is_over`, '=', 0),
      schema
        .createTable('events')
        .addColumn('operation', key, (column) => column.notNull())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('events_key', ['operation', 'seq']),
      schema
        .createTable('operation_targets')
        .addColumn('operation', key, (column) => column.notNull())
        .addColumn('target', key, (column) => column.notNull())
        .addColumn('unsettled', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('operation_targets_key', ['operation', 'target'])
        .modifyEnd(flat),
      schema.createIndex('operation_targets_target').on('operation_targets').columns(['target', 'operation']),
      schema
        .createIndex('operation_targets_unsettled')
        .on('operation_targets')
        .column('operation')
        .where(sql`unsettled`, '=', 1),
      schema
        .createTable('operation_processes')
        .addColumn('operation', key, (column) => column.notNull())
        .addColumn('process_id', key, (column) => column.notNull())
        .addPrimaryKeyConstraint('operation_processes_key', ['operation', 'process_id'])
        .modifyEnd(flat),
      schema.createIndex('operation_processes_process').on('operation_processes').columns(['process_id', 'operation']),
      schema
        .createTable('claims')
        .addColumn('scope', key, (column) => column.notNull())
        .addColumn('name', key, (column) => column.notNull())
        .addColumn('operation', key, (column) => column.notNull())
        .addColumn('fingerprint', 'text')
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('claims_key', ['scope', 'name'])
        .modifyEnd(flat),
      schema.createIndex('claims_operation').on('claims').column('operation'),
      schema.createIndex('claims_expires_at').on('claims').column('expires_at'),
      schema
        .createTable('kills')
        .addColumn('operation', key, (column) => column.notNull())
        .addColumn('target', key, (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('count', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('kills_key', ['operation', 'target'])
        .modifyEnd(flat),
      schema.createIndex('kills_target').on('kills').columns(['target', 'at']),
      schema
        .createTable('budgets')
        .addColumn('target', key, (column) => column.primaryKey().notNull())
        .modifyEnd(flat),
    ],
    // Whoever may see little finds his own.
    '0002-own-operations': (schema) => [
      schema.createIndex('operations_requested_by').on('operations').columns(['requested_by', 'id']),
    ],
  };
}
