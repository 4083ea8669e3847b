import { hashOfEntry, noHash } from './entry-hash.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** The last entry of an operation that was written here. */
interface Link {
  readonly seq: number;
  readonly before: string;
  readonly hash: string;
}

/**
 * Where the chain of each operation stands that this process works on. Only who holds the lease writes, so what it
 * wrote last is the end of the chain. What others began is read once, when it is taken over.
 */
export class Chains {
  readonly #tables: Tables;
  readonly #sql: Statements;
  readonly #links = new Map<string, Link>();

  constructor(tables: Tables, sql: Statements) {
    this.#tables = tables;
    this.#sql = sql;
  }

  /** The hash of the entry before this place, if it was written here. */
  known(operation: string, seq: number): string | undefined {
    const link = this.#links.get(operation);
    if (link && link.seq < seq) return link.hash;
    // The same entry again, from a try before.
    return link?.seq === seq ? link.before : undefined;
  }

  /** The hash of the entry before this place, whoever wrote it. */
  async before(operation: string, seq: number): Promise<string> {
    const rows = await this.#tables.read('append', this.#sql.entriesBefore({ operation: storable(operation), seq }));
    return rows.reduce((before, { seq: place, record_hash, hash, body }) => {
      if (typeof hash === 'string') return hash;
      // An older release wrote it: from here on it is part of the chain.
      const recordHash = typeof record_hash === 'string' ? record_hash : null;
      return hashOfEntry({ before, operation, seq: Number(place), recordHash, body: String(body) });
    }, noHash);
  }

  /** An entry was written. */
  wrote(operation: string, link: Link): void {
    this.#links.set(operation, link);
  }

  /** Nothing more is written of it here. */
  forget(operation: string): void {
    this.#links.delete(operation);
  }
}
