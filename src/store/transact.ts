import pg from 'pg';
import { Unavailable, type Database, type Row, type Step, type Written } from './database.js';
import type { Statement } from './statement.js';

/** unique_violation. */
const conflict = '23505';

/** For migrating, while nobody else may use the server yet. */
export function directly(client: pg.Client): Pick<Database, 'read' | 'write'> {
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
export async function transact(client: pg.ClientBase, steps: readonly Step[]): Promise<Written> {
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

export function ask(client: pg.ClientBase, { name, sql: text, parameters }: Statement): Promise<pg.QueryResult> {
  return client.query({ text, values: [...parameters], ...(name === undefined ? {} : { name }) });
}

/** All connections were in use for too long. */
export function isQueue(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'timeout exceeded when trying to connect';
}

/** The code of an error that the server told; undefined if it told nothing. */
export function stateOf(thrown: unknown): string | undefined {
  return thrown instanceof pg.DatabaseError ? thrown.code : undefined;
}

/** Connection exceptions, and an operator who stops the server. */
export function isGone(state: string): boolean {
  return state.startsWith('08') || state.startsWith('57P');
}
