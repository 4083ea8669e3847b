import pg from 'pg';
import { Unavailable, type Database, type Row, type Step, type Written } from '../database.js';
import { join } from './join.js';
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

/**
 * Writes all steps, or none of them. Most lists can be joined to one statement; if that is refused, nothing was written, and the
 * longer way tells why.
 */
export async function transact(client: pg.Client, steps: readonly Step[]): Promise<Written> {
  const joined = join(steps);
  const written = joined && (await inTurn(client, [{ statement: joined, must: true }]));
  return written && written.is !== 'refused' ? written : await inTurn(client, steps);
}

/**
 * One statement is written by itself; several are, or none of them. All go out together, and what decides whether they stay
 * once they are answered: so a transaction takes two ways there and back, however many statements it has.
 */
async function inTurn(client: pg.Client, steps: readonly Step[]): Promise<Written> {
  const isOne = steps.length === 1 && !steps[0]?.otherwise;
  try {
    const written = await judge(client, steps, await answersTo(client, steps, isOne));
    if (isOne) return written;
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

type Settled = PromiseSettledResult<pg.QueryResult>;

/** The answers to all steps, which are sent at once. Throws if no transaction was begun for them. */
async function answersTo(client: pg.Client, steps: readonly Step[], isOne: boolean): Promise<readonly Settled[]> {
  const { stream } = client.connection;
  stream.cork();
  const begun = isOne ? undefined : client.query('begin');
  const asked = Promise.allSettled([begun, ...steps.map(({ statement }) => ask(client, statement))]);
  stream.uncork();
  const [, ...answers] = await asked;
  await begun;
  return answers as readonly Settled[];
}

/** The first step that failed or was refused says what came of it all: what follows it is taken back with it, or failed by it. */
async function judge(client: pg.Client, steps: readonly Step[], answers: readonly Settled[]): Promise<Written> {
  let rows: readonly Row[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'rejected') throw answer.reason;
    const { must, gives, otherwise } = steps[index] ?? {};
    if (gives) rows = answer.value.rows as Row[];
    if (!must || (answer.value.rowCount ?? 0) > 0) continue;
    if (!otherwise) return { is: 'refused', step: index, rows: [] };
    // In a transaction that has failed nothing can be asked any more.
    const failed = answers.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return { is: 'refused', step: index, rows: (await ask(client, otherwise)).rows as Row[] };
  }
  return { is: 'written', rows };
}

export function ask(client: pg.Client, { name, sql: text, parameters }: Statement): Promise<pg.QueryResult> {
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
