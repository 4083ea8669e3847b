import type { Dialect } from './dialect.js';

/** What is over, in no seal, and not waiting for an approval, which would go on with it. */
const due = `from unsealed as u join operations as o on o.id = u.operation
  where o.is_over = 1 and o.state <> 'awaitingApproval'
    and not exists (select 1 from seal_members as m where m.operation = u.operation)`;

/** The statements about the chain of an operation, and about the chain of seals. */
export function sealTexts({ now, items, field }: Dialect) {
  return {
    /** What leads to a place: from the last entry that has a hash, or from the first. */
    entriesBefore: `select seq, hash, record_hash, body from events where operation = :operation and seq < :seq
      and seq >= coalesce((select max(seq) from events where operation = :operation and seq < :seq
        and hash is not null), 0) order by seq`,
    addUnsealed: addUnsealed('true'),
    /** The last seal, and what was deleted so far. */
    lastSeal: `select ${now} as now, s.number, s.hash, s.at, p.kept_since, p.dry_runs_kept_since, p.first_seal
      from (select 1 as one) as one
      left join (select number, hash, at from seals order by number desc limit 1) as s on 1 = 1
      left join prunings as p on p.id = 1`,
    sealText: 'select body from seals where number = :number',
    due: `select o.id, o.created_at, o.dry_run ${due} order by o.id limit :limit`,
    countDue: `select count(*) as count ${due}`,
    /** Entries without what is in them, if they have a hash. */
    entriesOf: `select operation, seq, hash, record_hash, case when hash is null then body end as body
      from events where operation in (${items(':ids')}) order by operation, seq`,
    addSeal: `insert into seals (number, at, newest_at, body, hash) values (:number, :at, :newestAt, :body, :hash)`,
    addMembers: `insert into seal_members (operation, seal, body)
      select ${field('item', 'operation')}, cast(:number as bigint), item from (${items(':members')}) as members`,
    ...pruningTexts,
  };
}

/** What was deleted because of age or size may be missing: until when is kept, and never taken back. */
const pruningTexts = {
  keptSince: `insert into prunings (id, kept_since, dry_runs_kept_since, first_seal)
    values (1, :before, :dryRunsBefore, 1)
    on conflict (id) do update set ${['kept_since', 'dry_runs_kept_since'].map(later).join(', ')}`,
  /** The first seal that is kept: the last of all stays, since the next one follows it. */
  firstSeal: `select p.first_seal as was, coalesce(
      (select number from seals where newest_at >= p.kept_since order by number limit 1),
      (select max(number) from seals), p.first_seal) as first_seal
    from prunings as p where p.id = 1`,
  deleteMembers: 'delete from seal_members where seal < :first',
  deleteSeals: 'delete from seals where number < :first',
  setFirstSeal: 'update prunings set first_seal = :first where first_seal < :first',
  /** Older releases delete operations, and know nothing of this table. */
  deleteOrphans: `delete from unsealed where operation in (select u.operation from unsealed as u
      where not exists (select 1 from operations as o where o.id = u.operation) limit :limit) returning operation`,
};

function later(column: string): string {
  return `${column} = case when excluded.${column} > prunings.${column} then excluded.${column} else prunings.${column} end`;
}

/** From its beginning on an operation waits for being sealed, whichever release ends it. */
export function addUnsealed(when: string): string {
  return `insert into unsealed (operation) select cast(:operation as text) where ${when}`;
}
