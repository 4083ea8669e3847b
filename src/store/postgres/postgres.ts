import pg from 'pg';
import { Unavailable, type Database, type Row, type Step, type Written } from '../database.js';
import { Heart } from './heart.js';
import { migrate } from '../sql/migrate.js';
import { Outage } from '../outage.js';
import { Pulse, soon } from './pulse.js';
import type { Statement } from '../sql/statement.js';
import { ask, directly, isGone, isQueue, stateOf, transact } from '../sql/transact.js';

/** How long anything may take, the waiting for a connection included. */
const answerMs = 2000;
/** The server gives up earlier than we do, so that it can say so: then it is surely there, and nothing was written. */
const statementMs = 1500;
const lockMs = 1000;
const connections = 10;
/** A connection of the pool. */
type Lent = pg.Client & pg.PoolClient;
/** 64-bit integers are times and counts here, far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : (pg.types.getTypeParser(oid, format) as typeof Number),
};

/**
 * A PostgreSQL server. One that falls silent is noticed within 200 ms; while it cannot be used every call fails at once, and
 * it is found again by itself.
 */
export class PostgresDatabase implements Database {
  readonly #options: pg.PoolConfig;
  #pool: pg.Pool;
  #isMigrated = false;
  readonly #outage: Outage;
  readonly #pulse: Pulse;
  readonly #heart: Heart;
  readonly #running = new Set<Promise<unknown>>();
  /** Those who wait for a connection, or for an answer. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(url: string) {
    this.#options = {
      connectionString: url,
      application_name: 'sluice',
      max: connections,
      connectionTimeoutMillis: answerMs,
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      // A replica that is stopped in the middle of a transaction keeps nobody else waiting.
      idle_in_transaction_session_timeout: answerMs,
      query_timeout: answerMs,
      // Ended, a connection waits for what is under way on it: that has its time, and nobody here waits along.
      pipeline: true,
      keepAlive: true,
      types,
    };
    this.#pool = this.#openPool();
    this.#outage = new Outage(() => this.#probe());
    this.#heart = new Heart(this.#options);
    this.#pulse = new Pulse(
      () => this.#heart.beat(),
      (cause) => {
        this.#begin(cause);
      },
    );
  }

  /** Makes the tables, if the server can be reached; otherwise that is done as soon as it can be. */
  async open(): Promise<void> {
    await this.#outage.tryNow();
  }

  write(steps: readonly Step[]): Promise<Written> {
    return this.#use((client) => transact(client, steps));
  }

  read(statement: Statement): Promise<readonly Row[]> {
    return this.#use(async (client) => (await ask(client, statement)).rows as Row[]);
  }

  async close(): Promise<void> {
    this.#outage.close();
    await Promise.allSettled(this.#running);
    this.#pulse.close();
    this.#heart.close();
    if (this.#pool.ending) return;
    // A server that hangs does not say goodbye.
    await Promise.race([this.#pool.end(), new Promise((resolve) => setTimeout(resolve, answerMs).unref())]);
  }

  async #use<Result>(work: (client: Lent) => Promise<Result>): Promise<Result> {
    this.#outage.throwIfOn();
    const using = this.#lend(work);
    this.#running.add(using);
    this.#pulse.begin();
    let wasHeard = true;
    try {
      return await using;
    } catch (thrown) {
      wasHeard = false;
      throw thrown;
    } finally {
      this.#pulse.end(wasHeard);
      this.#running.delete(using);
    }
  }

  /** Lends a connection, for so long as anything may take; whatever fails on it ends it. */
  async #lend<Result>(work: (client: Lent) => Promise<Result>): Promise<Result> {
    const since = performance.now();
    let client: Lent;
    try {
      client = await this.#borrow();
    } catch (thrown) {
      // Waiting in vain for one of the connections in use says nothing about the server.
      if (!isQueue(thrown)) this.#begin(thrown);
      throw new Unavailable('PostgreSQL cannot be reached.', { cause: thrown, isUnsure: false });
    }
    const { promise: leaving, reject: leave } = Promise.withResolvers<never>();
    this.#waiting.add(leave);
    const giveUp = (): void => {
      leave(new Error('It took too long.'));
    };
    const timer = setTimeout(giveUp, Math.max(1, answerMs - (performance.now() - since)));
    try {
      const result = await Promise.race([work(client), leaving]);
      client.release();
      return result;
    } catch (thrown) {
      client.release(true);
      const state = stateOf(thrown);
      if (state === undefined || isGone(state)) this.#begin(thrown);
      // What the server refuses was surely not done.
      const isUnsure = state === undefined || isGone(state);
      throw new Unavailable('PostgreSQL could not do it.', { cause: thrown, isUnsure });
    } finally {
      this.#waiting.delete(leave);
      clearTimeout(timer);
    }
  }

  /** A connection; nobody goes on waiting for one once an outage has begun. */
  async #borrow(): Promise<Lent> {
    const { promise: begun, reject } = Promise.withResolvers<never>();
    const coming = this.#pool.connect() as Promise<Lent>;
    this.#waiting.add(reject);
    try {
      return await Promise.race([coming, begun]);
    } catch (thrown) {
      coming.then(
        (client) => {
          client.release(true);
        },
        () => undefined,
      );
      throw thrown;
    } finally {
      this.#waiting.delete(reject);
    }
  }

  /** Leaves all connections, and tells whoever waits: those that stand idle are as dead as the one that failed. */
  #begin(cause: unknown): void {
    if (!this.#outage.begin(cause)) return;
    const left = this.#pool;
    this.#pool = this.#openPool();
    for (const leave of this.#waiting) leave(cause);
    this.#heart.drop();
    left.end().catch(() => undefined);
  }

  #openPool(): pg.Pool {
    const pool = new pg.Pool(this.#options);
    // Both are told by the next query, too; without a listener they would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
    return pool;
  }

  async #probe(): Promise<void> {
    const client = await this.#heart.connect();
    try {
      if (!this.#isMigrated) await migrate(directly(client), 'postgres');
      this.#isMigrated = true;
      // One that takes longer would be left again at once.
      await soon(client.query('select 1'));
      this.#heart.keep(client);
    } catch (thrown) {
      client.end().catch(() => undefined);
      throw thrown;
    }
  }
}
