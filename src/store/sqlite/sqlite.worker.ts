// Runs in a thread of its own, from the sources too: only types are imported from beside it.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Row } from '../database.js';
import type { Answer, Batch, Opening, Said, Told, ToldStep } from './sqlite.messages.js';

const { path, busyMs, migrations } = workerData as Opening;
/** How many compiled statements are kept. */
const keptStatements = 200;
/** SQLITE_CONSTRAINT; the extended codes of uniqueness and primary keys end in it. */
const constraint = 19;
/** SQLITE_BUSY. */
const busy = 5;

/** A job with the words that its message carried. */
interface Asked<What> {
  readonly id: number;
  readonly what: What;
  readonly texts: readonly string[];
}

const statements = new Map<string, StatementSync>();

function statement(text: string): StatementSync {
  const kept = statements.get(text);
  if (kept) return kept;
  const made = database.prepare(text);
  statements.set(text, made);
  const [oldest] = statements.keys();
  if (statements.size > keptStatements && oldest !== undefined) statements.delete(oldest);
  return made;
}

function rowsOf([text, parameters]: Told, texts: readonly string[]): readonly Row[] {
  return statement(texts[text] ?? '').all(...parameters) as unknown as readonly Row[];
}

function codeOf(thrown: unknown): number {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode : 0;
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function failed(id: number, thrown: unknown, isUnsure: boolean): Answer {
  return { id, is: 'failed', why: wordsOf(thrown), isUnsure };
}

function read({ id, what, texts }: Asked<Told>): Answer {
  try {
    return { id, is: 'written', rows: rowsOf(what, texts) };
  } catch (thrown) {
    return failed(id, thrown, false);
  }
}

function runSteps(id: number, steps: readonly ToldStep[], texts: readonly string[]): Answer {
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

/** Writes one job inside the transaction of its group. Throws if that transaction is lost. */
function write({ id, what: steps, texts }: Asked<readonly ToldStep[]>): Answer {
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
function commit(jobs: readonly Asked<readonly ToldStep[]>[]): readonly Answer[] {
  let committing = false;
  try {
    statement('begin immediate').run();
    const answers = jobs.map(write);
    committing = true;
    statement('commit').run();
    return answers;
  } catch (thrown) {
    if (database.isTransaction) statement('rollback').run();
    return jobs.map(({ id }) => failed(id, thrown, committing));
  }
}

function tell(port: MessagePort, said: Said): void {
  port.postMessage(said);
}

/** Does all that waits. Null says that nothing will come any more. */
function serve(port: MessagePort, first: Batch | null): void {
  const messages = [first];
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
    messages.push(more.message as Batch | null);
  }
  serveAll(
    port,
    messages.filter((message) => message !== null),
  );
  if (!messages.includes(null)) return;
  database.close();
  port.close();
}

function serveAll(port: MessagePort, batches: readonly Batch[]): void {
  const now = Number(process.hrtime.bigint() / 1_000_000n);
  const answers: Answer[] = [];
  const writes: Asked<readonly ToldStep[]>[] = [];
  for (const { jobs, texts, by } of batches) {
    for (const [id, steps, told] of jobs) {
      if (by < now) answers.push(failed(id, 'It came too late.', false));
      else if (steps) writes.push({ id, what: steps, texts });
      else answers.push(read({ id, what: told, texts }));
    }
  }
  if (answers.length > 0) tell(port, { is: 'answers', done: [], answers, commit: false });
  if (writes.length === 0) return;
  const written = commit(writes);
  const isDone = (answer: Answer): boolean => answer.is === 'written' && answer.rows.length === 0;
  const done = written.filter(isDone).map(({ id }) => id);
  tell(port, { is: 'answers', done, answers: written.filter((answer) => !isDone(answer)), commit: true });
}

/** Another process that opens the same file at the same moment keeps this one from setting it up, for a moment. */
function open(): DatabaseSync {
  const until = performance.now() + busyMs;
  for (;;) {
    const opened = new DatabaseSync(path, { timeout: busyMs });
    try {
      opened.exec('pragma journal_mode = wal; pragma synchronous = full');
      return opened;
    } catch (thrown) {
      opened.close();
      if (codeOf(thrown) % 256 !== busy || performance.now() > until) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/**
 * Brings the file to today's tables, however long that takes. Of several processes that do so at once the first makes them. What a
 * newer version has made already is left as it is.
 */
function migrate(file: DatabaseSync): void {
  file.exec('create table if not exists migrations (name text not null primary key)');
  for (const { name, statements: steps } of migrations) {
    if (file.prepare('select 1 from migrations where name = ?').get(name)) continue;
    file.exec('begin immediate');
    const { changes } = file.prepare('insert or ignore into migrations (name) values (?)').run(name);
    if (Number(changes) > 0) for (const step of steps) file.exec(step);
    file.exec('commit');
  }
}

let database: DatabaseSync;
if (!parentPort) throw new Error('This runs in a thread.');
const port = parentPort;
try {
  database = open();
  migrate(database);
  port.on('message', (message: Batch | null) => {
    serve(port, message);
  });
  tell(port, { is: 'open' });
} catch (thrown) {
  tell(port, { is: 'shut', why: wordsOf(thrown) });
  port.close();
}
