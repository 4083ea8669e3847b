import type { Decision, WaitingOperation } from '../../core/record/approvals.js';
import type { Approvals, Lease, OpenResult, Terms } from '../../core/record/journal.js';
import { summaryOf } from '../../core/record/summary.js';
import type { Operation } from '../../core/model/operation.js';
import type { Chains } from './chains.js';
import { hashesOf } from './operation-steps.js';
import { approvingSteps, refusal } from './term-steps.js';
import { storable } from './statement.js';
import type { SqlOutbox } from './sql.outbox.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** What waits for an approval, in the row of the operation itself: of two who decide, one finds it waiting. */
export class SqlApprovals implements Approvals {
  readonly #tables: Tables;
  readonly #sql: Statements;
  readonly #chains: Chains;
  readonly #outbox: SqlOutbox;

  constructor(tables: Tables, sql: Statements, chains: Chains, outbox: SqlOutbox) {
    this.#tables = tables;
    this.#sql = sql;
    this.#chains = chains;
    this.#outbox = outbox;
  }

  async approve(decision: Decision, terms: Terms, lease: Lease): Promise<OpenResult | undefined> {
    const { operation, from: seq } = decision;
    const before = await this.#chains.before(operation, seq);
    const { steps, hash } = approvingSteps(this.#sql, decision, terms, lease, before);
    const messages = this.#outbox.steps(decision.notices);
    const written = await this.#tables.write('begin', [...steps, ...messages]);
    if (written.is === 'written') {
      this.#chains.wrote(operation, { seq, before, hash });
      this.#outbox.written(messages);
      return { is: 'opened' };
    }
    const step = written.is === 'refused' ? written.step : 0;
    return step === 0 || written.is !== 'refused' ? undefined : refusal(steps[step], written.rows, lease.now);
  }

  async close({ operation, from, events, isDue, notices }: Decision, record: Operation): Promise<boolean> {
    const before = await this.#chains.before(operation, from);
    const [text, summary] = [JSON.stringify(record), JSON.stringify(summaryOf(record))];
    const body = JSON.stringify(events);
    const values = {
      now: events.at(-1)?.at ?? 0,
      operation: storable(operation),
      seq: from,
      body,
      ...hashesOf({ before, operation: storable(operation), seq: from, body }, text, summary),
      isDue: isDue ? 1 : 0,
      state: record.state,
      endedAt: record.endedAt === null ? null : Date.parse(record.endedAt),
      record: text,
      summary,
    };
    const messages = this.#outbox.steps(notices);
    const steps = [
      { statement: this.#sql.closeUnapproved(values), must: true },
      { statement: this.#sql.addEvents(values) },
      ...messages,
    ];
    const { is } = await this.#tables.write('append', steps);
    if (is === 'written') this.#outbox.written(messages);
    return is === 'written';
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
