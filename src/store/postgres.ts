import pg from 'pg';
import { Unavailable, type Database, type Row, type Step, type Written } from './database.js';
import { migrate } from './migrate.js';
import { Outage } from './outage.js';
import type { Statement } from './statement.js';

/** How long anything may take, the waiting for a connection included. */
const answerMs = 2000;
const connections = 10;
/** 64-bit integers are times and counts here, far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : (pg.types.getTypeParser(oid, format) as typeof Number),
};

/** unique_violation. */
const conflict = '23505';

/** A PostgreSQL server. While it cannot be reached every call fails at once, and it is found again by itself. */
export class PostgresDatabase implements Database {
  readonly #options: pg.PoolConfig;
  #pool: pg.Pool;
  #isMigrated = false;
  readonly #outage: Outage;
  readonly #running = new Set<Promise<unknown>>();

  constructor(url: string) {
    this.#options = {
      connectionString: url,
      application_name: 'sluice',
      max: connections,
      connectionTimeoutMillis: answerMs,
      statement_timeout: answerMs,
      // A replica that is stopped in the middle of a transaction keeps nobody else waiting.
      idle_in_transaction_session_timeout: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      types,
    };
    this.#pool = this.#openPool();
    this.#outage = new Outage(() => this.#probe());
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
    if (this.#pool.ending) return;
    // A server that hangs does not say goodbye.
    await Promise.race([this.#pool.end(), new Promise((resolve) => setTimeout(resolve, answerMs).unref())]);
  }

  async #use<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
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
  async #lend<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const since = performance.now();
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (thrown) {
      // Waiting in vain for one of the connections in use says nothing about the server.
      if (!isQueue(thrown)) this.#begin(thrown);
      throw new Unavailable('PostgreSQL cannot be reached.', { cause: thrown, isUnsure: false });
    }
    const timer = setTimeout(() => void client.end(), Math.max(1, answerMs - (performance.now() - since)));
    try {
      const result = await work(client);
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
      clearTimeout(timer);
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
    const pool = new pg.Pool(this.#options);
    // Both are told by the next query, too; without a listener they would end the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
    return pool;
  }

  async #probe(): Promise<void> {
    const client = new pg.Client(this.#options);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      if (!this.#isMigrated) await migrate(directly(client), 'postgres');
      this.#isMigrated = true;
    } finally {
      client.end().catch(() => undefined);
    }
  }
}

/** For migrating, while nobody else may use the server yet. */
function directly(client: pg.Client): Pick<Database, 'read' | 'write'> {
  return {
    write: (steps) => transact(client, steps),
    read: async (statement) => {
      try {
        return (await ask(client, statement)).rows as Row[];
      } catch (thrown) {
        throw new Unavailable('PostgreSQL could not do it.', { cause: thrown, isUnsure: false });
      }
    },
  };
}

/** One statement is written by itself; several are, or none of them. */
async function transact(client: pg.ClientBase, steps: readonly Step[]): Promise<Written> {
  const isOne = steps.length === 1 && !steps[0]?.otherwise;
  try {
    if (isOne) return await run(client, steps);
    await client.query('begin');
    const written = await run(client, steps);
    const { command } = await client.query(written.is === 'written' ? 'commit' : 'rollback');
    // The answer to a commit may be that it was a rollback.
    if (written.is === 'written' && command !== 'COMMIT') throw new Error('The transaction was rolled back.');
    return written;
  } catch (thrown) {
    if (stateOf(thrown) === undefined) throw thrown;
    if (!isOne) await client.query('rollback');
    if (stateOf(thrown) === conflict) return { is: 'conflict' };
    throw thrown;
  }
}

async function run(client: pg.ClientBase, steps: readonly Step[]): Promise<Written> {
  let rows: readonly Row[] = [];
  for (const [index, { statement, must, gives, otherwise }] of steps.entries()) {
    const answer = await ask(client, statement);
    if (gives) rows = answer.rows as Row[];
    if (!must || (answer.rowCount ?? 0) > 0) continue;
    return { is: 'refused', step: index, rows: otherwise ? ((await ask(client, otherwise)).rows as Row[]) : [] };
  }
  return { is: 'written', rows };
}

function ask(client: pg.ClientBase, { name, sql: text, parameters }: Statement): Promise<pg.QueryResult> {
  return client.query({ text, values: [...parameters], ...(name === undefined ? {} : { name }) });
}

/** All connections were in use for too long. */
function isQueue(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'timeout exceeded when trying to connect';
}

/** The code of an error that the server told; undefined if it told nothing. */
function stateOf(thrown: unknown): string | undefined {
  return thrown instanceof pg.DatabaseError ? thrown.code : undefined;
}

/** Connection exceptions, and an operator who stops the server. */
function isGone(state: string): boolean {
  return state.startsWith('08') || state.startsWith('57P');
}
