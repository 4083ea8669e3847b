import { idKey } from '../../core/model/ids.js';
import type { OperationQuery, Viewer } from '../../core/record/journal.js';
import type { Dialect } from './dialect.js';
import { bind, storable, type Statement, type Values } from './statement.js';
import { bodies, type Statements } from './statements.js';
import type { Tables } from './tables.js';

/**
 * Up to so many targets each have a search of their own: whoever sees more of them finds something wherever he looks.
 */
const mostSearched = 32;

/** What a viewer sees: what he made himself, unless that says nothing, and what is about these targets. */
export interface Sights {
  readonly madeBy: string | null;
  readonly targets: readonly string[];
}

/** What is read of each operation: its record, or else its events; or its summary, which it has once it is closed. */
const columns = {
  records: `o.record, case when o.record is null then ${bodies} end as bodies`,
  summaries: 'o.summary',
} as const;

/** The operations that fit, newest first: of those that a viewer sees, if there is one. */
export function listStatement(
  dialect: Dialect,
  query: OperationQuery,
  sights: Sights | null,
  what: keyof typeof columns = 'records',
): Statement {
  const { targets = [], kind, state, requestedBy, requestId, processId, since, until, after, limit } = query;
  const where = sights ? seen(dialect, query, sights) : fits(dialect, query);
  const known: Values = {
    targets: listOf(targets),
    kind: kind ?? null,
    state: state ?? null,
    requestedBy: textOf(requestedBy),
    requestId: textOf(requestId),
    // Records of before that have ids as they were spelled.
    processId: textOf(processId),
    processKey: textOf(processId === undefined ? undefined : idKey(processId)),
    since: since ?? null,
    until: until ?? null,
    after: textOf(after),
    limit,
    madeBy: textOf(sights?.madeBy ?? undefined),
    seen: listOf(sights?.targets ?? []),
    ...Object.fromEntries((sights?.targets ?? []).map((target, index) => [`target${String(index)}`, storable(target)])),
  };
  const text = `select o.id, ${columns[what]} from operations as o where ${where} order by o.id desc limit :limit`;
  return bind(text, dialect.mark)(known);
}

/** One search along an index for each reason to see something; the newest of what they find are the newest of all. */
function seen(dialect: Dialect, query: OperationQuery, { madeBy, targets }: Sights): string {
  if (targets.length > mostSearched) {
    // As a value, so that PostgreSQL asks one by one instead of gathering all that was done on them.
    const about = `(${named(dialect, ':seen')} limit 1) is not null`;
    return `${fits(dialect, query)} and (${madeBy === null ? '' : 'o.requested_by = :madeBy or '}${about})`;
  }
  const own = `select o.id from operations as o where o.requested_by = :madeBy and ${fits(dialect, query)}
    order by o.id desc limit :limit`;
  const before = query.after === undefined ? '' : 'and s.operation < :after';
  // The operation of a search is asked for one by one: joined, PostgreSQL may begin with all operations there are.
  const about = targets.map(
    (_, index) => `select s.operation as id from operation_targets as s
      where s.target = :target${String(index)} ${before}
      and (select o.id from operations as o where o.id = s.operation and ${fits(dialect, query)}) is not null
      order by s.operation desc limit :limit`,
  );
  const searches = [...(madeBy === null ? [] : [own]), ...about].map((search) => `select id from (${search}) as found`);
  return `o.id in (select distinct id from (${searches.join(' union all ')}) as every order by id desc limit :limit)`;
}

function fits(dialect: Dialect, query: OperationQuery): string {
  const conditions: Readonly<Record<string, string>> = {
    after: 'o.id < :after',
    kind: 'o.kind = :kind',
    state: 'o.state = :state',
    requestedBy: 'o.requested_by = :requestedBy',
    requestId: 'o.request_id = :requestId',
    since: 'o.created_at >= :since',
    until: 'o.created_at < :until',
    targets: `exists (${named(dialect, ':targets')})`,
    processId: `exists (select 1 from operation_processes as p where p.operation = o.id and p.process_id in (:processId, :processKey))`,
  };
  const asked = Object.entries(conditions).filter(([name]) => query[name as keyof OperationQuery] !== undefined);
  return [`o.dry_run = ${query.dryRun ? '1' : '0'}`, ...asked.map(([, condition]) => condition)].join(' and ');
}

function named({ items }: Dialect, targets: string): string {
  return `select t.target from operation_targets as t where t.operation = o.id and t.target in (${items(targets)})`;
}

function textOf(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}

function listOf(texts: readonly string[]): string {
  return JSON.stringify(texts.map(storable));
}

/** What a viewer sees; null if that is everything. */
export async function sightsOf(
  tables: Tables,
  sql: Statements,
  { name, operates }: Viewer,
  asked?: readonly string[],
): Promise<Sights | null> {
  const all = asked ?? (await tables.read('list', sql.targetNames({}))).map(({ target }) => String(target));
  const targets = all.filter(operates);
  if (targets.length < all.length) return { madeBy: name, targets };
  return asked ? { madeBy: null, targets } : null;
}
