import type { Dialect } from '../sql/dialect.js';
import { bind, type Statement, type Values } from '../sql/statement.js';

/** Facts of an operation that its first event and its record tell as well. */
const facts = `o.id, o.kind, o.mode, o.state, o.requested_by, o.request_id, o.dry_run, o.created_at, o.ended_at,
  o.is_over, o.record, o.summary`;

/** What is read to verify a store, a page at a time. */
function verifyTexts({ items }: Dialect) {
  const ofIds = `in (${items(':ids')})`;
  return {
    hasSeals: `select 1 as one from migrations where name like '%-seals'`,
    prunings: 'select kept_since, dry_runs_kept_since, first_seal from prunings where id = 1',
    lastSeal: 'select number, at, newest_at, body, hash from seals order by number desc limit 1',
    seals: `select number, at, newest_at, body, hash from seals where number > :after order by number limit :limit`,
    members: 'select operation, body from seal_members where seal = :number order by operation',
    operations: `select ${facts} from operations as o where o.id ${ofIds}`,
    /** Those in no seal. */
    unsealed: `select ${facts}, case when exists (select 1 from unsealed as u where u.operation = o.id) then 1 else 0 end
        as waits
      from operations as o where o.id > :after
        and not exists (select 1 from seal_members as m where m.operation = o.id) order by o.id limit :limit`,
    entries: `select operation, seq, hash, record_hash, body from events where operation ${ofIds} order by operation, seq`,
    targets: `select operation, target from operation_targets where operation ${ofIds}`,
    processes: `select operation, process_id from operation_processes where operation ${ofIds}`,
    /** Entries of an operation that is not there. */
    loose: `select e.operation, e.seq from events as e
      where not exists (select 1 from operations as o where o.id = e.operation) order by e.operation, e.seq limit 1`,
    /** What a seal holds that is not there. */
    unheld: `select m.operation, m.seal from seal_members as m
      where not exists (select 1 from seals as s where s.number = m.seal) order by m.seal, m.operation limit 1`,
  };
}

/** Its statements, ready to be filled in. */
export type VerifyStatements = Readonly<Record<keyof ReturnType<typeof verifyTexts>, (values: Values) => Statement>>;

/** Translates all of them for an engine. */
export function verifyStatementsFor(dialect: Dialect): VerifyStatements {
  const bound = Object.entries(verifyTexts(dialect)).map(([name, text]) => [name, bind(text, dialect.mark)]);
  return Object.fromEntries(bound) as VerifyStatements;
}
