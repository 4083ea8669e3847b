import type { Notice } from '../../core/model/notice.js';
import type { Outbox, OutboxMessage, OutboxRoutes, TakenMessage, WaitingMessages } from '../../core/record/outbox.js';
import type { WriteStep } from '../database.js';
import { storable, type Values } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Messages to receivers, in a table of their own: replicas take them from there, each message one at a time. */
export class SqlOutbox implements Outbox {
  readonly #tables: Tables;
  readonly #sql: Statements;
  #routes: OutboxRoutes | null = null;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  use(routes: OutboxRoutes): void {
    this.#routes = routes;
  }

  /** What writes the messages along with what they tell. */
  steps(notices: readonly Notice[] = [], now = notices[0]?.at ?? 0): readonly WriteStep[] {
    const messages = notices.length === 0 ? [] : (this.#routes?.messagesOf(notices) ?? []);
    return messages.map((message) => ({
      statement: this.#sql.addMessage({ ...keyOf(message), messageBody: storable(message.body), now }),
    }));
  }

  /** These steps were written. */
  written(steps: readonly WriteStep[]): void {
    if (steps.length > 0) this.#routes?.onWritten();
  }

  async add(notices: readonly Notice[]): Promise<void> {
    const steps = this.steps(notices);
    if (steps.length > 0) await this.#tables.write('notify', steps);
    this.written(steps);
  }

  async waiting(now: number): Promise<readonly WaitingMessages[]> {
    const rows = await this.#tables.read('notify', this.#sql.waitingMessages({ now }));
    return rows.map(({ receiver, count, oldest_ms, due_in_ms }) => ({
      receiver: String(receiver),
      count: Number(count),
      oldestMs: Number(oldest_ms),
      dueInMs: Number(due_in_ms),
    }));
  }

  async take(receiver: string, limit: number, now: number, forMs: number): Promise<readonly TakenMessage[]> {
    const values = { receiver: storable(receiver), limit, now, forMs };
    const rows = await this.#tables.change('notify', this.#sql.takeMessages(values));
    return rows.map(({ id, body, attempts, age_ms }) => ({
      receiver,
      id: String(id),
      body: String(body),
      attempts: Number(attempts),
      ageMs: Number(age_ms),
    }));
  }

  async postpone(message: OutboxMessage, now: number, afterMs: number): Promise<void> {
    await this.#tables.change('notify', this.#sql.postponeMessage({ ...keyOf(message), now, afterMs }));
  }

  async delete(message: OutboxMessage): Promise<void> {
    await this.#tables.change('notify', this.#sql.deleteMessage(keyOf(message)));
  }

  async trim(receiver: string, most: number): Promise<number> {
    const deleted = await this.#tables.change('notify', this.#sql.trimMessages({ receiver: storable(receiver), most }));
    return deleted.length;
  }

  async forget(receivers: readonly string[], now: number, olderThanMs: number): Promise<number> {
    const values = { receivers: JSON.stringify(receivers.map(storable)), now, olderThanMs };
    return (await this.#tables.change('notify', this.#sql.forgetMessages(values))).length;
  }
}

function keyOf({ receiver, id }: OutboxMessage): Values {
  return { receiver: storable(receiver), message: storable(id) };
}
