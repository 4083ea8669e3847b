import type { KeptRefusal, RefusedCalls, RefusedQuery } from '../../core/record/refused-calls.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

const textOf = (text: string | undefined): string | null => (text === undefined ? null : storable(text));

/** Refused calls, in a table of their own. */
export class SqlRefused implements RefusedCalls {
  readonly #tables: Tables;
  readonly #sql: Statements;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  async keep(calls: readonly KeptRefusal[]): Promise<void> {
    const statements = calls.map((call) =>
      this.#sql.keepRefused({
        id: call.id,
        at: call.at,
        kind: call.kind,
        caller: storable(call.requestedBy),
        requestId: storable(call.requestId),
        dryRun: call.dryRun ? 1 : 0,
        times: call.times,
        body: JSON.stringify(call),
      }),
    );
    await this.#tables.change('append', ...statements);
  }

  async list(query: RefusedQuery): Promise<readonly KeptRefusal[]> {
    const rows = await this.#tables.read(
      'list',
      this.#sql.refused({
        dryRun: query.dryRun ? 1 : 0,
        madeBy: textOf(query.madeBy),
        kind: textOf(query.kind),
        requestedBy: textOf(query.requestedBy),
        requestId: textOf(query.requestId),
        since: query.since ?? 0,
        until: query.until ?? Number.MAX_SAFE_INTEGER,
        after: textOf(query.after),
        limit: query.limit,
      }),
    );
    return rows.map(({ body }) => JSON.parse(String(body)) as KeptRefusal);
  }
}
