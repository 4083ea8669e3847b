import type { Freeze } from '../../core/model/freeze.js';
import type { Brakes, CancelAnswer, CancelRequest } from '../../core/record/brakes.js';
import type { Row } from '../database.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Cancel requests and freezes, in the tables. */
export class SqlBrakes implements Brakes {
  readonly #tables: Tables;
  readonly #sql: Statements;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  /** Asks that nothing more of an operation be sent. The first request counts. */
  async requestCancel(operation: string, request: CancelRequest): Promise<CancelAnswer> {
    const values = { operation: storable(operation), cancel: JSON.stringify(request) };
    const [row] = await this.#tables.change('brakes', this.#sql.requestCancel(values), this.#sql.cancelState(values));
    if (!row) return { is: 'absent' };
    const first = cancelOf(row);
    return row['is_open'] === 1 && first ? { is: 'requested', request: first } : { is: 'over' };
  }

  /** What was asked to be cancelled of what the owner works on. */
  async cancelRequests(owner: string): Promise<ReadonlyMap<string, CancelRequest>> {
    const rows = await this.#tables.read('brakes', this.#sql.cancelRequests({ owner: storable(owner) }));
    return new Map(
      rows.flatMap((row) => {
        const request = cancelOf(row);
        return request ? [[String(row['id']), request] as const] : [];
      }),
    );
  }

  /** False if one of this id holds already. */
  async freeze(freeze: Freeze): Promise<boolean> {
    const { id, createdAt: now, until } = freeze;
    const values = { id: storable(id), body: JSON.stringify(freeze), now, lastsMs: until - now };
    return (await this.#tables.change('brakes', this.#sql.freeze(values))).length > 0;
  }

  /** False if it does not hold, or not any more. */
  async unfreeze(id: string, now: number): Promise<boolean> {
    return (await this.#tables.change('brakes', this.#sql.unfreeze({ id: storable(id), now }))).length > 0;
  }

  /** The freezes that hold, oldest first: each ends by the clock of who asks. */
  async freezes(now: number): Promise<readonly Freeze[]> {
    const rows = await this.#tables.read('brakes', this.#sql.freezes({ now }));
    const all = rows.map((row) => ({
      ...(JSON.parse(String(row['body'])) as Freeze),
      until: now + Number(row['left_ms']),
    }));
    return all.toSorted((left, right) => left.createdAt - right.createdAt);
  }
}

/** The request to cancel of a row, if there is one. */
export function cancelOf(row: Row): CancelRequest | undefined {
  return typeof row['cancel'] === 'string' ? (JSON.parse(row['cancel']) as CancelRequest) : undefined;
}
