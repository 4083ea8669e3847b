import type { Dialect } from './dialect.js';

/**
 * One step towards today's tables. What it makes must be of use to the version before, too: both run while replicas are
 * replaced.
 */
export interface Migration {
  readonly name: string;
  /** Made in one transaction: short, whatever is in the tables already. */
  readonly tables: readonly string[];
  /** Indexes of tables that may be large: PostgreSQL makes them while others write. */
  readonly indexes: Readonly<Record<string, string>>;
}

/**
 * The steps that lead from an empty database to today's tables. Times are milliseconds since the epoch, truths 0 or 1.
 */
export function migrationsFor({ key, flat, addColumn }: Dialect): readonly Migration[] {
  return [
    {
      name: '0001-operations',
      tables: [
        // Ids sort by the time they were made. The record is JSON, once the operation is closed.
        `create table operations (id ${key} not null primary key, kind text not null, mode text, state text not null,
          requested_by ${key} not null, request_id ${key} not null, dry_run integer not null, created_at bigint not null,
          ended_at bigint, owner ${key}, lease_until bigint, is_over integer not null, record text)`,
        'create index operations_created_at on operations (created_at)',
        'create index operations_request_id on operations (request_id)',
        'create index operations_live on operations (owner) where is_over = 0',
        // A JSON list: the events that were written together.
        `create table events (operation ${key} not null, seq integer not null, body text not null,
          constraint events_key primary key (operation, seq))`,
        // Unsettled: what came of it is unknown.
        `create table operation_targets (operation ${key} not null, target ${key} not null, unsettled integer not null,
          constraint operation_targets_key primary key (operation, target))${flat}`,
        'create index operation_targets_target on operation_targets (target, operation)',
        'create index operation_targets_unsettled on operation_targets (operation) where unsettled = 1',
        `create table operation_processes (operation ${key} not null, process_id ${key} not null,
          constraint operation_processes_key primary key (operation, process_id))${flat}`,
        'create index operation_processes_process on operation_processes (process_id, operation)',
        `create table claims (scope ${key} not null, name ${key} not null, operation ${key} not null, fingerprint text,
          expires_at bigint not null, constraint claims_key primary key (scope, name))${flat}`,
        'create index claims_operation on claims (operation)',
        'create index claims_expires_at on claims (expires_at)',
        `create table kills (operation ${key} not null, target ${key} not null, at bigint not null,
          count integer not null, constraint kills_key primary key (operation, target))${flat}`,
        'create index kills_target on kills (target, at)',
        // A row a target, for no other purpose than to be locked by who spends.
        `create table budgets (target ${key} not null primary key)${flat}`,
      ],
      indexes: {},
    },
    {
      // Whoever may see little finds his own.
      name: '0002-own-operations',
      tables: [],
      indexes: { operations_requested_by: 'operations (requested_by, id)' },
    },
    {
      name: '0003-summaries-and-brakes',
      tables: [
        // The record without what may be long; who asked that it be cancelled; about how many bytes all of it takes.
        `alter table operations ${addColumn} summary text`,
        `alter table operations ${addColumn} cancel text`,
        `alter table operations ${addColumn} bytes bigint`,
        `create table if not exists freezes (id ${key} not null primary key, body text not null, until bigint not null)`,
        // One row, written to see whether anything can be.
        'create table if not exists checks (id integer not null primary key, at bigint not null, room text not null)',
      ],
      indexes: {
        operations_dry_runs: 'operations (created_at) where dry_run = 1',
        // All that is needed to tell how much there is, and what is oldest.
        operations_bytes: 'operations (created_at, bytes)',
      },
    },
    {
      name: '0004-acknowledgements',
      // What people found out of operations that are unknown, as JSON.
      tables: [
        `create table if not exists acknowledgements (operation ${key} not null primary key, body text not null)`,
      ],
      indexes: {},
    },
    {
      name: '0005-approvals',
      tables: [],
      indexes: { operations_waiting: "operations (id) where state = 'awaitingApproval'" },
    },
    {
      name: '0006-chains',
      tables: [
        // Older releases write neither: the hash of an entry, and of the record that was written along with it.
        `alter table events ${addColumn} hash text`,
        `alter table events ${addColumn} record_hash text`,
        // What has begun and is in no seal yet.
        `create table if not exists unsealed (operation ${key} not null primary key)${flat}`,
      ],
      indexes: {},
    },
    {
      // Messages that are still to be sent, each until its receiver has it.
      name: '0007-notifications',
      tables: [
        `create table if not exists notifications (receiver ${key} not null, id ${key} not null, body text not null,
          created_at bigint not null, due_at bigint not null, attempts integer not null,
          constraint notifications_key primary key (receiver, id))`,
      ],
      indexes: { notifications_due: 'notifications (receiver, due_at, created_at)' },
    },
    {
      name: '0008-seals',
      tables: [
        // The text of a seal, its hash, and what is searched for in it.
        `create table if not exists seals (number bigint not null primary key, at bigint not null,
          newest_at bigint not null, body text not null, hash text not null)`,
        // What a seal holds of an operation, as JSON.
        `create table if not exists seal_members (operation ${key} not null primary key, seal bigint not null,
          body text not null)`,
        // One row: what was created before may be deleted, and so may the seals before this one.
        `create table if not exists prunings (id integer not null primary key, kept_since bigint not null,
          dry_runs_kept_since bigint not null, first_seal bigint not null)`,
      ],
      indexes: { seal_members_seal: 'seal_members (seal, operation)' },
    },
    {
      // Calls that became no operation: like ones of a minute are one row.
      name: '0009-refused-calls',
      tables: [
        `create table if not exists refused_calls (id ${key} not null primary key, at bigint not null,
          kind text not null, caller ${key} not null, request_id ${key} not null, dry_run integer not null,
          times integer not null, body text not null)`,
      ],
      indexes: { refused_calls_at: 'refused_calls (at)', refused_calls_caller: 'refused_calls (caller, id)' },
    },
  ];
}
