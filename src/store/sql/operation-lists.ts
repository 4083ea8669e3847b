import type { Operation } from '../../core/model/operation.js';
import { fold } from '../../core/record/fold.js';
import type { OperationQuery } from '../../core/record/journal.js';
import { summaryOf } from '../../core/record/summary.js';
import type { Row } from '../database.js';
import type { Dialect } from './dialect.js';
import { listStatement, sightsOf } from './list.js';
import { eventsOf, readOperation, storedRecordOf } from './record-rows.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Lists of operations, newest first. */
export class OperationLists {
  readonly #tables: Tables;
  readonly #dialect: Dialect;
  readonly #sql: Statements;

  constructor(tables: Tables, dialect: Dialect, sql: Statements) {
    this.#tables = tables;
    this.#dialect = dialect;
    this.#sql = sql;
  }

  records(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#list(query, 'records', (row) => storedRecordOf(row) ?? fold(eventsOf(row)));
  }

  /** Without what may be long. */
  summaries(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#list(query, 'summaries', async (row) => {
      if (typeof row['summary'] === 'string') return JSON.parse(row['summary']) as Operation;
      // It runs, or was written by an older version: one by one, since it may be long.
      const kept = await readOperation(this.#tables, this.#sql, String(row['id']));
      return kept && summaryOf(kept.operation);
    });
  }

  async #list(
    query: OperationQuery,
    what: 'records' | 'summaries',
    operationOf: (row: Row) => Promise<Operation | undefined> | Operation,
  ): Promise<readonly Operation[]> {
    if (query.targets?.length === 0) return [];
    const sights = query.viewer ? await sightsOf(this.#tables, this.#sql, query.viewer, query.targets) : null;
    const found: Operation[] = [];
    let { after } = query;
    for (;;) {
      const limit = query.limit - found.length;
      const page = { ...query, limit, ...(after === undefined ? {} : { after }) };
      const rows = await this.#tables.read('list', listStatement(this.#dialect, page, sights, what));
      for (const row of rows) {
        const operation = await operationOf(row);
        // A row says `running` until the operation is closed, its events may say more already.
        if (operation && (query.state === undefined || operation.state === query.state)) found.push(operation);
        after = String(row['id']);
      }
      if (rows.length < limit || found.length >= query.limit) return found;
    }
  }
}
