import type pg from 'pg';
import type { Row, WriteStep, WriteResult } from '../database.js';
import type { Statement } from '../sql/statement.js';
import { beginPooled, type PostgresSession } from './connection.js';
import { stateOf } from './trouble.js';

/** unique_violation. */
const conflict = '23505';

/**
 * Writes all steps, or none of them. One statement is written by itself, unless a pooler is in between: then its limits
 * come along in a transaction. Several go out together with what begins the transaction, and what decides whether they
 * stay once they are answered: so a transaction takes two ways there and back, however many statements it has.
 */
export async function transact(client: PostgresSession, steps: readonly WriteStep[]): Promise<WriteResult> {
  const isOne = steps.length === 1 && !steps[0]?.otherwise && !client.isPooled;
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
async function answersTo(
  client: PostgresSession,
  steps: readonly WriteStep[],
  isOne: boolean,
): Promise<readonly Settled[]> {
  const { stream } = client.connection;
  stream.cork();
  const begun = isOne ? undefined : client.query(client.isPooled ? beginPooled : 'begin');
  const asked = Promise.allSettled([begun, ...steps.map(({ statement }) => ask(client, statement))]);
  stream.uncork();
  const [, ...answers] = await asked;
  await begun;
  return answers as readonly Settled[];
}

/**
 * The first step that failed or was refused says what came of it all: what follows it is taken back with it, or failed
 * by it.
 */
async function judge(
  client: PostgresSession,
  steps: readonly WriteStep[],
  answers: readonly Settled[],
): Promise<WriteResult> {
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

/** A statement with a name is kept by the server, for as long as the session is ours. */
function ask(client: PostgresSession, { name, sql: text, parameters }: Statement): Promise<pg.QueryResult> {
  return client.query({ text, values: [...parameters], ...(name === undefined || client.isPooled ? {} : { name }) });
}
