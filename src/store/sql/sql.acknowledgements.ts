import type { Acknowledgement } from '../../core/model/operation.js';
import type { Acknowledgements } from '../../core/record/acknowledgements.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** Acknowledgements, in a table of their own: whoever works on the operation knows nothing of them. */
export class SqlAcknowledgements implements Acknowledgements {
  readonly #tables: Tables;
  readonly #sql: Statements;

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  async acknowledge(operation: string, found: Acknowledgement): Promise<Acknowledgement> {
    const values = { operation: storable(operation), body: JSON.stringify(found) };
    await this.#tables.change('append', this.#sql.acknowledge(values));
    return (await this.of([operation])).get(operation) ?? found;
  }

  async of(operations: readonly string[]): Promise<ReadonlyMap<string, Acknowledgement>> {
    if (operations.length === 0) return new Map();
    const rows = await this.#tables.read('read', this.#sql.acknowledgements({ ids: JSON.stringify(operations) }));
    return new Map(
      rows.map(({ operation, body }) => [String(operation), JSON.parse(String(body)) as Acknowledgement] as const),
    );
  }
}
