import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Unavailable, type Database, type Row, type WriteStep, type WriteResult } from '../database.js';
import type { Statement } from '../sql/statement.js';
import { answerMs, bounded, PostgresSession } from './connection.js';
import { migrate } from './migrate.js';
import { Outage } from './outage.js';
import { transact } from './transact.js';
import { isLost, troubleOf } from './trouble.js';

const connections = 10;
/** A connection of the pool. */
type Lent = PostgresSession & pg.PoolClient;

/**
 * A PostgreSQL server. One that does not answer is given up after 2 s; while it cannot be used every call fails at
 * once, and it is found again by itself.
 */
export class PostgresDatabase implements Database {
  readonly #access: () => pg.ClientConfig;
  #pool: pg.Pool;
  #isMigrated = false;
  readonly #outage: Outage;
  readonly #running = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();

  /** The address and the password are asked for at each new connection. */
  constructor(access: () => pg.ClientConfig) {
    this.#access = access;
    this.#pool = this.#openPool();
    this.#outage = new Outage(() => this.#look());
  }

  /**
   * Makes the tables, if the server can be reached and they are soon made; otherwise that is done while others wait.
   */
  async open(): Promise<void> {
    await Promise.race([this.#outage.lookNow(), sleep(answerMs, undefined, { ref: false })]);
  }

  write(steps: readonly WriteStep[]): Promise<WriteResult> {
    return this.#use((client) => transact(client, steps));
  }

  async read(statement: Statement): Promise<readonly Row[]> {
    const written = await this.write([{ statement, gives: true }]);
    return written.is === 'written' ? written.rows : [];
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#outage.close();
    await Promise.allSettled(this.#running);
    if (this.#pool.ending) return;
    // A server that hangs does not say goodbye.
    await Promise.race([this.#pool.end(), sleep(answerMs, undefined, { ref: false })]);
  }

  async #use<Result>(work: (client: Lent) => Promise<Result>): Promise<Result> {
    this.#outage.throwIfOn();
    const using = this.#lend(work);
    this.#running.add(using);
    try {
      return await using;
    } finally {
      this.#running.delete(using);
    }
  }

  /** Lends a connection, for so long as anything may take; whatever fails on it ends it. */
  async #lend<Result>(work: (client: Lent) => Promise<Result>): Promise<Result> {
    const until = performance.now() + answerMs;
    const client = await this.#borrow();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(reject, until - performance.now(), new Error('It took too long.'));
    try {
      const result = await Promise.race([work(client), late]);
      client.release();
      return result;
    } catch (thrown) {
      client.release(true);
      // What the server refuses was surely not done.
      const isUnsure = isLost(thrown);
      if (isUnsure) this.#begin(thrown);
      throw new Unavailable(troubleOf(thrown), { cause: thrown, isUnsure });
    } finally {
      clearTimeout(timer);
    }
  }

  async #borrow(): Promise<Lent> {
    try {
      return (await this.#pool.connect()) as Lent;
    } catch (thrown) {
      // Waiting in vain for one of the connections in use says nothing about the server.
      const isQueue = thrown instanceof Error && thrown.message === 'timeout exceeded when trying to connect';
      if (!isQueue) this.#begin(thrown);
      const trouble = troubleOf(thrown);
      throw new Unavailable(isQueue ? { ...trouble, reason: 'busy' } : trouble, { cause: thrown, isUnsure: false });
    }
  }

  /** Leaves all connections: those that stand idle are as dead as the one that failed. */
  #begin(cause: unknown): void {
    if (!this.#outage.begin(cause)) return;
    const left = this.#pool;
    this.#pool = this.#openPool();
    left.end().catch(() => undefined);
  }

  #openPool(): pg.Pool {
    const access = this.#access;
    const pool = new pg.Pool({
      max: connections,
      connectionTimeoutMillis: answerMs,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- The pool waits for it.
      onConnect: (client) => (client as Lent).prepare(),
      Client: class extends PostgresSession {
        constructor() {
          super({ ...access(), ...bounded });
        }
      },
    });
    // It is told by the next query, too; without a listener it would end the process.
    pool.on('error', () => undefined);
    return pool;
  }

  /** Whether the server can be used, by a connection of its own. */
  async #look(): Promise<void> {
    if (!this.#isMigrated) await migrate(() => new PostgresSession(this.#access()), this.#closed.signal);
    this.#isMigrated = true;
    const client = new PostgresSession({ ...this.#access(), ...bounded });
    try {
      await client.connect();
      await client.query('select 1');
    } finally {
      client.end().catch(() => undefined);
    }
  }
}
