import pg from 'pg';

/** How long anything may take, the waiting for a connection included. */
export const answerMs = 2000;
/**
 * The server gives up earlier than we do, so that it can say so: then it is surely there, and nothing was written. A
 * replica that is stopped in the middle of a transaction keeps nobody else waiting.
 */
const limits = { statement_timeout: 1500, lock_timeout: 1000, idle_in_transaction_session_timeout: answerMs };

/** Sets the limits: for the whole session, or for one transaction. */
function setLimits(scope: 'session' | 'local'): string {
  return Object.entries(limits)
    .map(([name, milliseconds]) => `set ${scope} ${name} = ${String(milliseconds)}`)
    .join('; ');
}

/** What begins a transaction on a connection whose session is not ours. */
export const beginPooled = `begin; ${setLimits('local')}`;

/** 64-bit integers are times and counts here, far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : (pg.types.getTypeParser(oid, format) as typeof Number),
};

/**
 * A connection to PostgreSQL. Nothing is asked for as it starts that a pooler would refuse: the limits are set
 * afterwards.
 */
export class PostgresSession extends pg.Client {
  /** A pooler is in between: each transaction may go to another session, so nothing of a session can be relied on. */
  isPooled = true;

  constructor(options: pg.ClientConfig) {
    super({ application_name: 'sluice', keepAlive: true, types, ...options });
    // It is told by the next query, too; without a listener it would end the process.
    this.on('error', () => undefined);
  }

  /** Finds out whether a pooler is in between, and sets the limits if there is none. */
  async prepare(): Promise<void> {
    const { rows } = await this.query<{ pid: number }>('select pg_backend_pid() as pid');
    // A pooler gives a number of its own to whoever connects.
    this.isPooled = rows[0]?.pid !== (this as unknown as { readonly processID: number }).processID;
    if (!this.isPooled) await this.query(setLimits('session'));
  }
}

/** What a connection of the pool, or one that looks after the server, is made with. */
export const bounded: pg.ClientConfig = {
  connectionTimeoutMillis: answerMs,
  query_timeout: answerMs,
  // All that is sent together goes out at once.
  pipeline: true,
};
