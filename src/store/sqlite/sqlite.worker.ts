// Runs in a thread of its own, from the sources too: only types are imported from beside it.
import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Row } from '../database.js';
import type { WorkerAnswer, Batch, Opening, Said, StatementMessage, StepMessage, Wrong } from './sqlite.messages.js';

if (!parentPort) throw new Error('This runs in a thread.');
const port = parentPort;
const tell = (said: Said): void => {
  port.postMessage(said);
};
const { path, busyMs, migrations, file } = workerData as Opening;
/** How many compiled statements are kept. */
const keptStatements = 200;
/** SQLITE_CONSTRAINT, in which the codes of uniqueness and primary keys end, and SQLITE_BUSY. */
const [constraint, busy] = [19, 5];

/** What is to be written together, with the words that its message carried. */
type Write = readonly [id: number, steps: readonly StepMessage[], texts: readonly string[]];

const statements = new Map<string, StatementSync>();

function statement(text: string): StatementSync {
  const kept = statements.get(text);
  if (kept) return kept;
  if (statements.size >= keptStatements) statements.clear();
  const made = database.prepare(text);
  statements.set(text, made);
  return made;
}

function rowsOf([text, parameters]: StatementMessage, texts: readonly string[]): readonly Row[] {
  return statement(texts[text] ?? '').all(...parameters) as unknown as readonly Row[];
}

function codeOf(thrown: unknown): number {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode : 0;
}

const removed = new Error('The file is another one, or gone.');

function wrong(thrown: unknown): Wrong {
  const errno = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  return {
    why: thrown instanceof Error ? thrown.message : String(thrown),
    code: codeOf(thrown) || errno,
    ...(thrown === removed ? { isRemoved: true } : {}),
  };
}

function failed(id: number, thrown: unknown, isUnsure: boolean): WorkerAnswer {
  return { id, is: 'failed', isUnsure, ...wrong(thrown) };
}

function runSteps(id: number, steps: readonly StepMessage[], texts: readonly string[]): WorkerAnswer {
  let rows: readonly Row[] = [];
  for (const [index, [text, parameters, asks, otherwise]] of steps.entries()) {
    if (asks === 'rows') {
      rows = rowsOf([text, parameters], texts);
      continue;
    }
    const { changes } = statement(texts[text] ?? '').run(...parameters);
    if (asks === null || Number(changes) > 0) continue;
    return { id, is: 'refused', step: index, rows: otherwise ? rowsOf(otherwise, texts) : [] };
  }
  return { id, is: 'written', rows };
}

function read(id: number, told: StatementMessage, texts: readonly string[]): WorkerAnswer {
  try {
    return { id, is: 'written', rows: rowsOf(told, texts) };
  } catch (thrown) {
    return failed(id, thrown, false);
  }
}

/** Writes one job inside the transaction of its group. Throws if that transaction is lost. */
function write([id, steps, texts]: Write): WorkerAnswer {
  // One statement takes back by itself what it could not do.
  const savepoint = steps.length > 1;
  try {
    if (savepoint) statement('savepoint job').run();
    const answer = runSteps(id, steps, texts);
    if (savepoint && answer.is === 'refused') statement('rollback to job').run();
    if (savepoint) statement('release job').run();
    return answer;
  } catch (thrown) {
    if (!database.isTransaction) throw thrown;
    if (savepoint) {
      statement('rollback to job').run();
      statement('release job').run();
    }
    return codeOf(thrown) % 256 === constraint ? { id, is: 'conflict' } : failed(id, thrown, false);
  }
}

/** Writes a group of jobs in one transaction, and so with one wait for the disk. */
function commit(jobs: readonly Write[]): readonly WorkerAnswer[] {
  let committing = false;
  try {
    assertThere();
    statement('begin immediate').run();
    const answers = jobs.map(write);
    committing = true;
    statement('commit').run();
    return answers;
  } catch (thrown) {
    if (database.isTransaction) statement('rollback').run();
    return jobs.map(([id]) => failed(id, thrown, committing));
  }
}

/** Does all that waits. Null says that nothing will come any more. */
function serve(first: Batch | null): void {
  const messages = [first];
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
    messages.push(more.message as Batch | null);
  }
  serveAll(messages.filter((message) => message !== null));
  if (!messages.includes(null)) return;
  database.close();
  port.close();
}

function serveAll(batches: readonly Batch[]): void {
  const now = Number(process.hrtime.bigint() / 1_000_000n);
  const answers: WorkerAnswer[] = [];
  const writes: Write[] = [];
  for (const { jobs, texts, by } of batches) {
    for (const [id, steps, told] of jobs) {
      if (by < now) answers.push({ id, is: 'failed', isUnsure: false, why: 'It came too late.', code: null });
      else if (steps) writes.push([id, steps, texts]);
      else answers.push(read(id, told, texts));
    }
  }
  if (answers.length > 0) tell({ is: 'answers', done: [], answers, commit: false });
  if (writes.length === 0) return;
  const written = commit(writes);
  const isDone = (answer: WorkerAnswer): boolean => answer.is === 'written' && answer.rows.length === 0;
  const done = written.filter(isDone).map(({ id }) => id);
  tell({ is: 'answers', done, answers: written.filter((answer) => !isDone(answer)), commit: true });
}

/** Which file it is, whatever its name; null in memory, and where there is none. */
function identity(): string | null {
  const found = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found ? `${String(found.dev)} ${String(found.ino)}` : null;
}

/** What is written to a file that has no name any more is gone with this process: then nothing is written. */
function assertThere(): void {
  if (identity() !== opened) throw removed;
}

/** Another process that opens the same file at the same moment keeps this one from setting it up, for a moment. */
function open(): DatabaseSync {
  const until = performance.now() + busyMs;
  for (;;) {
    const made = new DatabaseSync(path, { timeout: busyMs });
    try {
      made.exec('pragma journal_mode = wal; pragma synchronous = full');
      return made;
    } catch (thrown) {
      made.close();
      if (codeOf(thrown) % 256 !== busy || performance.now() > until) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/**
 * Brings the file to today's tables, however long that takes. Of several processes that do so at once the first makes
 * them. What a newer version has made already is left as it is.
 */
function migrate(): void {
  database.exec('create table if not exists migrations (name text not null primary key)');
  for (const { name, statements: steps } of migrations) {
    if (database.prepare('select 1 from migrations where name = ?').get(name)) continue;
    database.exec('begin immediate');
    const { changes } = database.prepare('insert or ignore into migrations (name) values (?)').run(name);
    if (Number(changes) > 0) for (const step of steps) database.exec(step);
    database.exec('commit');
  }
}

let database: DatabaseSync;
let opened = file;
try {
  if (file) assertThere();
  database = open();
  opened = identity();
  migrate();
  port.on('message', serve);
  tell({ is: 'open', file: opened });
} catch (thrown) {
  tell({ is: 'shut', ...wrong(thrown) });
  port.close();
}
