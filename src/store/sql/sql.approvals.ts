import type { Decision, WaitingOperation } from '../../core/record/approvals.js';
import type { Approvals, Lease, OpenResult, Terms } from '../../core/record/journal.js';
import { summaryOf } from '../../core/record/summary.js';
import type { Operation } from '../../core/model/operation.js';
import { approvingSteps, refusal } from './term-steps.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** What waits for an approval, in the row of the operation itself: of two who decide, one finds it waiting. */
export class SqlApprovals implements Approvals {
  readonly #tables: Tables;
  readonly #sql: Statements;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  async approve(decision: Decision, terms: Terms, lease: Lease): Promise<OpenResult | undefined> {
    const steps = approvingSteps(this.#sql, decision, terms, lease);
    const written = await this.#tables.write('begin', steps);
    if (written.is === 'written') return { is: 'opened' };
    const step = written.is === 'refused' ? written.step : 0;
    return step === 0 || written.is !== 'refused' ? undefined : refusal(steps[step], written.rows, lease.now);
  }

  async close({ operation, from, events, isDue }: Decision, record: Operation): Promise<boolean> {
    const values = {
      now: events.at(-1)?.at ?? 0,
      operation: storable(operation),
      seq: from,
      body: JSON.stringify(events),
      isDue: isDue ? 1 : 0,
      state: record.state,
      endedAt: record.endedAt === null ? null : Date.parse(record.endedAt),
      record: JSON.stringify(record),
      summary: JSON.stringify(summaryOf(record)),
    };
    const steps = [
      { statement: this.#sql.closeUnapproved(values), must: true },
      { statement: this.#sql.addEvents(values) },
    ];
    return (await this.#tables.write('append', steps)).is === 'written';
  }

  async waiting(now: number): Promise<readonly WaitingOperation[]> {
    const rows = await this.#tables.read('brakes', this.#sql.waiting({ now }));
    return rows.map(({ id, created_at, is_due }) => ({
      id: String(id),
      createdAt: Number(created_at),
      isDue: Number(is_due) === 1,
    }));
  }
}
