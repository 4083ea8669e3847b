import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ClientConfig } from 'pg';
import type { Row } from '../database.js';
import { answerMs, PostgresSession } from '../postgres/connection.js';
import { postgres, sqlite, type Dialect } from '../sql/dialect.js';
import type { Statement } from '../sql/statement.js';

/** A store as it is at one moment, which nothing is written to. */
export interface StoreReader {
  readonly dialect: Dialect;
  read(statement: Statement): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Reads a file of SQLite, or a copy of one. Throws if there is none. */
export function readSqlite(path: string): StoreReader {
  const database = new DatabaseSync(path, { readOnly: true, timeout: answerMs });
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const kept = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, kept);
    return kept;
  };
  database.exec('begin');
  return {
    dialect: sqlite,
    // Reading waits for nobody: it is a promise where a server is asked.
    read: ({ sql, parameters }) => Promise.resolve(prepared(sql).all(...parameters) as unknown as readonly Row[]),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Reads a database of PostgreSQL. Rejects if it cannot be reached. */
export async function readPostgres(access: ClientConfig): Promise<StoreReader> {
  const client = new PostgresSession({ ...access, connectionTimeoutMillis: answerMs * 5 });
  await client.connect();
  await client.query(`begin isolation level repeatable read read only; set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0`);
  return {
    dialect: postgres,
    read: async ({ sql, parameters }) => (await client.query<Record<string, string>>(sql, [...parameters])).rows,
    close: () => client.end(),
  };
}
