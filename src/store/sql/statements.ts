import { requestKeptMs } from '../../core/record/journal.js';
import { windowMs } from '../budget.js';
import { approvalTexts } from './approval-statements.js';
import { retentionTexts } from './retention-statements.js';
import { addUnsealed, sealTexts } from './seal-statements.js';
import { brakeTexts } from './brake-statements.js';
import type { Dialect } from './dialect.js';
import { outboxTexts } from './outbox-statements.js';
import { refusedTexts } from './refused-statements.js';
import { bind, type Statement, type Values } from './statement.js';

/** All that was written of an operation, as the inside of a JSON list of lists. */
export const bodies = `(select string_agg(e.body, ',' order by e.seq) from events as e where e.operation = o.id)`;

/** About how many bytes a row takes with its indexes, beside what was written into it. */
export const rowBytes = 200;

/** An entry, and the ends of its hashes. */
const entry = 'operation, seq, body, hash, record_hash';
const hashes = 'cast(:hash as text), cast(:recordHash as text)';

/** Where a statement that is written with others changes something only if the first of them did. */
const met = 'exists (select 1 from met)';

/**
 * What an entry that was tried before has written in its place is what this one writes, or its beginning. A try that
 * was given up may still come later: it changes nothing that was written since.
 */
const again = `on conflict (operation, seq) do update
  set body = excluded.body, hash = excluded.hash, record_hash = excluded.record_hash
  where length(excluded.body) >= length(events.body)`;

/** The operation is its owner's, and nothing has been written behind this place, nor more at it. */
const own = `id = :operation and owner = :owner and is_over = 0
  and not exists (select 1 from events where events.operation = operations.id and events.seq >= :seq
    and (events.seq > :seq or length(events.body) > length(cast(:body as text))))`;

/** The statements of the journal as text. Times are milliseconds since the epoch, lists are JSON. */
export function textsFor(dialect: Dialect) {
  const { now, items, locked, unlocked, bytes } = dialect;
  /** Takes a claim that nobody has, or not any more. */
  const claim = `insert into claims (scope, name, operation, fingerprint, expires_at)
    values (:scope, :name, :operation, :fingerprint, ${now} + :claimMs)
    on conflict (scope, name) do update set operation = excluded.operation, fingerprint = excluded.fingerprint,
      expires_at = excluded.expires_at
    where claims.expires_at <= ${now}`;

  const begin = (when: string) => `insert into operations (id, kind, mode, state, requested_by, request_id, dry_run,
      created_at, owner, lease_until, is_over)
    select :operation, :kind, :mode, 'running', :requestedBy, :requestId, :dryRun, :createdAt, :owner,
      ${now} + :leaseMs, 0 where ${when}`;

  const addTargets = (when: string) =>
    `insert into operation_targets (operation, target, unsettled) select cast(:operation as text), item, 0 from (${items(':targets')}) as named where ${when}`;

  /** Adds events, whoever owns the operation: only with a statement that makes sure. */
  const addEvents = (when: string) =>
    `insert into events (${entry}) select :operation, :seq, :body, ${hashes} where ${when} ${again}`;

  const addProcesses = (when: string) => `insert into operation_processes (operation, process_id)
    select cast(:operation as text), item from (${items(':processes')}) as listed where ${when}
    on conflict do nothing`;

  /** Says how an operation stands. What is null stays as it was; whose it is then is written. */
  const stand = `update operations set state = coalesce(:state, state), ended_at = coalesce(:endedAt, ended_at),
      record = coalesce(:record, record), summary = coalesce(:summary, summary), owner = :next, is_over = :isOver,
      bytes = cast(:entryBytes as bigint) + ${rowBytes} * (select count(*) from operation_processes as p where p.operation = :operation)
        + coalesce((select sum(octet_length(e.body)) from events as e where e.operation = :operation), 0)
    where ${own}`;

  const giveBackClaims = (when: string) => `delete from claims
    where operation = :operation and (scope = 'flush' or cast(:givesAll as integer) = 1) and ${when}`;

  /** A request without a key is known for a while after the operation has ended, by when it was closed. */
  const letRequestGo = (when: string) => `update claims set expires_at = ${now} + ${String(requestKeptMs)}
    where operation = :operation and scope = 'request' and expires_at > ${now} + ${String(requestKeptMs)} and cast(:givesAll as integer) = 0 and ${when}`;

  /** Which targets are unknown; it may change in either direction. */
  const isUnknown = `case when target in (${items(':unknown')}) then 1 else 0 end`;
  const settle = (when: string) => `update operation_targets set unsettled = ${isUnknown}
    where operation = :operation and cast(:settles as integer) = 1 and unsettled <> ${isUnknown} and ${when}`;

  return {
    // What begins an operation.
    claim,
    /** Lets nobody else spend of a target until the transaction is over. */
    lockBudget:
      'insert into budgets (target) values (:target) on conflict (target) do update set target = excluded.target',
    /** Takes kills out of a budget, if enough are left. */
    spend: `insert into kills (operation, target, at, count)
      select cast(:operation as text), cast(:target as text), ${now}, cast(:count as integer)
      from (select coalesce(sum(count), 0) as sum from kills where target = :target and at > ${now} - ${String(windowMs)})
        as spent
      where spent.sum + cast(:count as integer) <= cast(:perMinute as integer)`,
    begin: begin('true'),
    addTargets: addTargets('true'),
    /** All of it at once, where there is one claim and nothing to spend. */
    beginJoined: `with met as (${claim} returning 1),
      begun as (${begin(met)}),
      added as (${addEvents(met)}),
      named as (${addTargets(met)}),
      unsealed_too as (${addUnsealed(met)})
      select 1 from met`,

    // What adds to it.
    addEvents: addEvents('true'),
    /** The row of the operation is locked, so that nobody adopts it in between. */
    addOwned: `insert into events (${entry})
      select id, cast(:seq as integer), cast(:body as text), ${hashes} from operations where ${own}${locked} ${again}`,
    addProcesses: addProcesses('true'),
    cancelRequest: 'select cancel from operations where id = :operation and cancel is not null',
    /** All three at once. */
    addJoined: `with met as (select id, cancel from operations where ${own}${locked}),
      added as (insert into events (${entry})
        select id, cast(:seq as integer), cast(:body as text), ${hashes} from met ${again}),
      listed as (${addProcesses(met)})
      select cancel from met`,
    stand,
    giveBackClaims: giveBackClaims('true'),
    letRequestGo: letRequestGo('true'),
    settle: settle('true'),
    /** All that closes or ends an operation. */
    standJoined: `with met as (${stand} returning 1),
      added as (${addEvents(met)}),
      given as (${giveBackClaims(met)}),
      let_go as (${letRequestGo(met)}),
      listed as (${addProcesses(met)}),
      settled as (${settle(met)})
      select 1 from met`,

    freeFlushes: `delete from claims where operation = :operation and scope = 'flush' and name in (${items(':freed')})`,
    giveBackKills: `update kills set count = :count where operation = :operation and target = :target
      and count > cast(:count as integer)`,
    ...approvalTexts(now),
    ...sealTexts(dialect),
    ...brakeTexts(now),
    ...refusedTexts,
    ...outboxTexts({ now, items, unlocked }),

    // Who works on it. What may have begun, although its caller was told that it did not, is renewed by nobody.
    renew: `update operations set lease_until = ${now} + :leaseMs
      where owner = :owner and is_over = 0 and id not in (${items(':doubtful')})`,
    /** Of two who try at once, the second sees what the first has left. */
    adopt: `with due as (select id from operations where is_over = 0 and lease_until <= ${now}
        order by id limit :limit${unlocked})
      update operations set owner = :owner, lease_until = ${now} + :leaseMs where id in (select due.id from due)
      returning id`,

    operation: `select o.record, ${bodies} as bodies from operations as o where o.id = :operation`,
    held: `select scope, name, operation, fingerprint, expires_at - ${now} as left_ms from claims
      where scope = :scope and name = :name and expires_at > ${now}`,
    /** The kills that still count, oldest first. */
    kills: `select ${now} - at as age_ms, count from kills
      where target = :target and at > ${now} - ${String(windowMs)} order by at`,
    unsettled: `select t.target, count(*) as count from operation_targets as t
      join operations as o on o.id = t.operation
      where t.unsettled = 1 and o.created_at >= :since
        and not exists (select 1 from acknowledgements as a where a.operation = t.operation) group by t.target`,
    acknowledge: `insert into acknowledgements (operation, body) values (:operation, :body) on conflict do nothing`,
    acknowledgements: `select operation, body from acknowledgements where operation in (${items(':ids')})`,
    /** The names of all targets that operations are about. Each is found by itself: they are few, whatever was done. */
    targetNames: `with recursive names(target) as (
        select min(target) from operation_targets union all
        select (select min(t.target) from operation_targets as t where t.target > names.target) from names
        where names.target is not null
      ) select target from names where target is not null`,

    // Whether anything can be written.
    check: `insert into checks (id, at, room) values (1, ${now}, :room)
      on conflict (id) do update set at = excluded.at, room = excluded.room`,
    usage: `select count(*) as operations, ${bytes} as bytes, min(created_at) as oldest_at from operations`,

    ...retentionTexts(dialect),
  };
}

/** The statements of the journal, ready to be filled in. */
export type Statements = Readonly<Record<keyof ReturnType<typeof textsFor>, (values: Values) => Statement>>;

/** Translates all of them for an engine, once. */
export function statementsFor(dialect: Dialect): Statements {
  const texts = Object.entries(textsFor(dialect));
  return Object.fromEntries(texts.map(([name, text]) => [name, bind(text, dialect.mark, name)])) as Statements;
}
