import { Failure } from '../../core/model/failure.js';
import { Unavailable, type Database, type Row, type Step, type Written } from '../database.js';
import type { Statement } from './statement.js';

/** The tables of a database. What it cannot do rejects as callers are told it: by a Failure of the kind `store-unavailable`. */
export class Tables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(statement: Statement): Promise<readonly Row[]> {
    return tell(this.#database.read(statement));
  }

  write(steps: readonly Step[]): Promise<Written> {
    return tell(this.#database.write(steps));
  }

  /** Writes all of the statements or none, and gives the rows of the last. */
  async change(...statements: readonly Statement[]): Promise<readonly Row[]> {
    const last = statements.length - 1;
    return rowsOf(await this.write(statements.map((statement, index) => ({ statement, gives: index === last }))));
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** The rows that steps gave, if they were written. */
export function rowsOf(written: Written): readonly Row[] {
  return written.is === 'written' ? written.rows : [];
}

async function tell<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Unavailable)) throw thrown;
    throw new Failure('store-unavailable', 'The record of operations cannot be written or read at the moment.', {
      cause: thrown,
      isUnsure: thrown.isUnsure,
    });
  }
}
