import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from 'kysely';
import type { OperationQuery } from '../../core/record/journal.js';
import type { Schema } from './schema.js';
import { compile, storable, type Statement } from './statement.js';

/** All that was written of an operation, as the inside of a JSON list of lists. */
export const bodies = sql<string>`(select string_agg(e.body, ',' order by e.seq) from events as e where e.operation = o.id)`;

/** Up to so many targets each have a search of their own: whoever sees more of them finds something wherever he looks. */
const mostSearched = 32;

/** What a viewer sees: what he made himself, unless that says nothing, and what is about these targets. */
export interface Sights {
  readonly madeBy: string | null;
  readonly targets: readonly string[];
}

type Operations = ExpressionBuilder<Schema & { o: Schema['operations'] }, 'o'>;

/** The operations that fit, newest first: of those that a viewer sees, if there is one. */
export function listed(database: Kysely<Schema>, query: OperationQuery, sights: Sights | null): Statement {
  return compile(
    database
      .selectFrom('operations as o')
      .select(['o.id', 'o.record', sql<string | null>`case when o.record is null then ${bodies} end`.as('bodies')])
      .where((eb) => (sights ? isSeen(database, eb, query, sights) : fits(eb, query)))
      .orderBy('o.id', 'desc')
      .limit(query.limit),
  );
}

/** The names of all targets that operations are about. Each is found by itself: they are few, whatever was done on them. */
export function targetNames(): Statement {
  return {
    sql:
      'with recursive names(target) as (' +
      'select min(target) from operation_targets union all ' +
      'select (select min(t.target) from operation_targets as t where t.target > names.target) from names ' +
      'where names.target is not null' +
      ') select target from names where target is not null',
    parameters: [],
  };
}

/** One search along an index for each reason to see something; the newest of what they find are the newest of all. */
function isSeen(
  database: Kysely<Schema>,
  eb: Operations,
  query: OperationQuery,
  { madeBy, targets }: Sights,
): Expression<SqlBool> {
  if (targets.length > mostSearched) {
    const made = madeBy === null ? [] : [eb('o.requested_by', '=', storable(madeBy))];
    // As a value, so that PostgreSQL asks one by one instead of gathering all that was done on them.
    const about = eb(named(eb, targets).limit(1), 'is not', null);
    return eb.and([fits(eb, query), eb.or([...made, about])]);
  }
  const own = database
    .selectFrom('operations as o')
    .select('o.id')
    .where('o.requested_by', '=', storable(madeBy ?? ''))
    .where((inner) => fits(inner, query))
    .orderBy('o.id', 'desc')
    .limit(query.limit);
  const searches = targets.map((target) => {
    const about = database
      .selectFrom('operation_targets as s')
      .select('s.operation as id')
      .where('s.target', '=', storable(target))
      .where((inner) => inner(thatFits(inner, query), 'is not', null))
      .orderBy('s.operation', 'desc')
      .limit(query.limit);
    return query.after === undefined ? about : about.where('s.operation', '<', storable(query.after));
  });
  const found = [...(madeBy === null ? [] : [own]), ...searches].map(
    (search) => sql`select id from (${search}) as found`,
  );
  return eb(
    'o.id',
    'in',
    sql<string>`(select distinct id from (${sql.join(found, sql` union all `)}) as every order by id desc limit ${query.limit})`,
  );
}

/** The operation of a search, one by one: joined, PostgreSQL may begin with all operations there are. */
function thatFits(eb: ExpressionBuilder<Schema & { s: Schema['operation_targets'] }, 's'>, query: OperationQuery) {
  return eb
    .selectFrom('operations as o')
    .select('o.id')
    .whereRef('o.id', '=', 's.operation')
    .where((inner) => fits(inner, query));
}

function fits(eb: Operations, query: OperationQuery): Expression<SqlBool> {
  const { targets, kind, state, requestedBy, requestId, processId, since, until, after } = query;
  return eb.and([
    eb('o.dry_run', '=', sql.lit(0)),
    ...(after === undefined ? [] : [eb('o.id', '<', storable(after))]),
    ...(kind === undefined ? [] : [eb('o.kind', '=', kind)]),
    ...(state === undefined ? [] : [eb('o.state', '=', state)]),
    ...(requestedBy === undefined ? [] : [eb('o.requested_by', '=', storable(requestedBy))]),
    ...(requestId === undefined ? [] : [eb('o.request_id', '=', storable(requestId))]),
    ...(since === undefined ? [] : [eb('o.created_at', '>=', since)]),
    ...(until === undefined ? [] : [eb('o.created_at', '<', until)]),
    ...(targets === undefined ? [] : [eb.exists(named(eb, targets))]),
    ...(processId === undefined ? [] : [isAbout(eb, processId)]),
  ]);
}

function named(eb: Operations, targets: readonly string[]) {
  return eb
    .selectFrom('operation_targets as t')
    .select('t.target')
    .whereRef('t.operation', '=', 'o.id')
    .where('t.target', 'in', targets.map(storable));
}

function isAbout(eb: Operations, processId: string): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('operation_processes as p')
      .select('p.process_id')
      .whereRef('p.operation', '=', 'o.id')
      .where('p.process_id', '=', storable(processId)),
  );
}
