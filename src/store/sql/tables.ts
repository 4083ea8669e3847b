import { Failure } from '../../core/model/failure.js';
import type { StoreTroubleReason } from '../../core/record/store-trouble.js';
import { Unavailable, type Database, type Row, type WriteStep, type WriteResult } from '../database.js';
import type { Statement } from './statement.js';

/** What a journal does with its tables. */
export const storeOperations = [
  'begin',
  'append',
  'read',
  'list',
  'claims',
  'leases',
  'brakes',
  'check',
  'keep',
  'notify',
] as const;
export type StoreOperation = (typeof storeOperations)[number];

/** Told of everything that was done with the tables: how long it took, and why it failed, if it did. */
export type StoreObserver = (operation: StoreOperation, seconds: number, reason: StoreTroubleReason | null) => void;

/**
 * The tables of a database. What it cannot do rejects as callers are told it: by a Failure of the kind
 * `store-unavailable`.
 */
export class Tables {
  readonly #database: Database;
  readonly #observe: StoreObserver;

  constructor(database: Database, observe: StoreObserver) {
    this.#database = database;
    this.#observe = observe;
  }

  read(operation: StoreOperation, statement: Statement): Promise<readonly Row[]> {
    return this.#tell(operation, () => this.#database.read(statement));
  }

  write(operation: StoreOperation, steps: readonly WriteStep[]): Promise<WriteResult> {
    return this.#tell(operation, () => this.#database.write(steps));
  }

  /** Writes all of the statements or none, and gives the rows of the last. */
  async change(operation: StoreOperation, ...statements: readonly Statement[]): Promise<readonly Row[]> {
    const last = statements.length - 1;
    const steps = statements.map((statement, index) => ({ statement, gives: index === last }));
    return writtenRowsOf(await this.write(operation, steps));
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #tell<Result>(operation: StoreOperation, work: () => Promise<Result>): Promise<Result> {
    const since = performance.now();
    let reason: StoreTroubleReason | null = null;
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Unavailable)) throw thrown;
      ({ reason } = thrown.trouble);
      throw new Failure('store-unavailable', 'The record of operations cannot be written or read at the moment.', {
        cause: thrown,
        isUnsure: thrown.isUnsure,
      });
    } finally {
      this.#observe(operation, (performance.now() - since) / 1000, reason);
    }
  }
}

/** The rows that steps gave, if they were written. */
export function writtenRowsOf(written: WriteResult): readonly Row[] {
  return written.is === 'written' ? written.rows : [];
}
