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

/**
 * One statement is written by itself; several are, or none of them. All go out together, and what decides whether they stay
 * once they are answered: so a transaction takes two ways there and back, however many statements it has.
 */
export async function transact(client: pg.Client, steps: readonly Step[]): Promise<Written> {
  const isOne = steps.length === 1 && !steps[0]?.otherwise;
  try {
    const begun = isOne ? 0 : 1;
    const answers = await whole(client, () => [
      ...(isOne ? [] : [client.query('begin')]),
      ...steps.map(({ statement }) => ask(client, statement)),
    ]);
    const written = await judge(client, steps, answers.slice(begun));
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

/** All answers to what is sent at once, when each has come. Throws the first failure: those behind it fail because of that. */
async function whole(
  client: pg.Client,
  send: () => readonly Promise<pg.QueryResult>[],
): Promise<readonly pg.QueryResult[]> {
  const { stream } = client.connection;
  stream.cork();
  const asked = send();
  stream.uncork();
  await Promise.allSettled(asked);
  return Promise.all(asked);
}

/** What follows a step that was refused is taken back with it. */
async function judge(client: pg.Client, steps: readonly Step[], answers: readonly pg.QueryResult[]): Promise<Written> {
  const refused = steps.findIndex(({ must }, index) => must && (answers[index]?.rowCount ?? 0) === 0);
  if (refused < 0) {
    const giving = steps.findLastIndex(({ gives }) => gives);
    return { is: 'written', rows: (answers[giving]?.rows ?? []) as Row[] };
  }
  const otherwise = steps[refused]?.otherwise;
  return { is: 'refused', step: refused, rows: otherwise ? ((await ask(client, otherwise)).rows as Row[]) : [] };
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
