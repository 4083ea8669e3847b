import { Worker } from 'node:worker_threads';
import { StoreUnusable, Unavailable, type Database, type Row, type WriteStep, type WriteResult } from '../database.js';
import type { Batch, Job, Opening, Said, StatementMessage, StepMessage, Wrong } from './sqlite.messages.js';
import { makePrivate } from './private-file.js';
import { unavailable } from './trouble.js';
import { sqlite } from '../sql/dialect.js';
import { migrationsFor } from '../sql/schema.js';
import type { Statement } from '../sql/statement.js';

const busyMs = 2000;
/** How long anything may take, the waiting included. */
const answerMs = 4000;

/** The thread runs what stands beside this file: the sources under test, what was built of them otherwise. */
const program = new URL(`./sqlite.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

const migrations = migrationsFor(sqlite).map(({ name, tables, indexes }) => ({
  name,
  statements: [...tables, ...Object.entries(indexes).map(([index, on]) => `create index ${index} on ${on}`)],
}));

interface Waiting {
  readonly since: number;
  readonly resolve: (written: WriteResult) => void;
  readonly reject: (reason: Unavailable) => void;
}

const nothing: WriteResult = { is: 'written', rows: [] };

const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/**
 * A SQLite file, owned by a thread so that waiting for the disk holds nobody up. What is asked in one turn of the event
 * loop goes there in one message; what waits there is written in one transaction.
 */
export class SqliteDatabase implements Database {
  readonly #path: string;
  #worker: Worker | undefined;
  #file: string | null = null;
  #asked = 0;
  #groups = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #texts = new Map<string, number>();
  #jobs: Job[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Opens the file, makes it if it is absent, and brings it to today's tables. Throws StoreUnusable if it cannot. */
  async open(): Promise<void> {
    try {
      if (this.#path !== ':memory:') await makePrivate(this.#path);
      await new Promise<void>((resolve, reject) => {
        this.#start((wrong) => {
          if (wrong === null) resolve();
          else reject(new Error(wrong.why));
        });
      });
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new StoreUnusable(`The SQLite file ${this.#path} cannot be opened: ${why}`, { cause: thrown });
    }
  }

  /** How many transactions were committed: many writes share one. */
  get groups(): number {
    return this.#groups;
  }

  write(steps: readonly WriteStep[]): Promise<WriteResult> {
    const told = steps.map(({ statement, must, gives, otherwise }): StepMessage => {
      const [text, parameters] = this.#tell(statement);
      return [text, parameters, must ? 'row' : gives ? 'rows' : null, otherwise ? this.#tell(otherwise) : null];
    });
    return this.#ask((id) => [id, told]);
  }

  async read(statement: Statement): Promise<readonly Row[]> {
    const told = this.#tell(statement);
    const answer = await this.#ask((id) => [id, null, told]);
    return answer.is === 'written' ? answer.rows : [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const worker = this.#worker;
    if (!worker) return;
    this.#send();
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
    });
    worker.postMessage(null);
    const timer = setTimeout(() => void worker.terminate(), answerMs);
    await ended;
    clearTimeout(timer);
  }

  #tell({ sql, parameters }: Statement): StatementMessage {
    const known = this.#texts.get(sql);
    const text = known ?? this.#texts.size;
    if (known === undefined) this.#texts.set(sql, text);
    return [text, parameters];
  }

  #ask(job: (id: number) => Job): Promise<WriteResult> {
    if (this.#closed)
      return Promise.reject(new Unavailable({ engine: 'SQLite', reason: 'closed', code: null }, { isUnsure: false }));
    this.#asked += 1;
    const id = this.#asked;
    if (this.#jobs.length === 0) {
      setImmediate(() => {
        this.#send();
      });
    }
    this.#jobs.push(job(id));
    this.#timer ??= setTimeout(this.#giveUp, answerMs);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { since: now(), resolve, reject });
    });
  }

  #send(): void {
    if (this.#jobs.length === 0) return;
    const batch: Batch = { texts: [...this.#texts.keys()], jobs: this.#jobs, by: now() + answerMs };
    this.#texts = new Map();
    this.#jobs = [];
    // A thread that died is replaced by the next who wants something.
    (this.#worker ?? this.#start()).postMessage(batch);
  }

  #start(opened: (wrong: Wrong | null) => void = () => undefined): Worker {
    const opening: Opening = { path: this.#path, busyMs, migrations, file: this.#file };
    const worker = new Worker(program, { workerData: opening, name: 'sqlite' });
    let wrong: Wrong = { why: 'The thread that writes it ended.', code: null };
    worker.on('message', (said: Said) => {
      if (said.is === 'open') {
        this.#file = said.file;
        opened(null);
      } else if (said.is === 'shut') wrong = said;
      else this.#take(said);
    });
    worker.on('error', (thrown: unknown) => {
      wrong = { why: thrown instanceof Error ? thrown.message : String(thrown), code: null };
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      opened(wrong);
      this.#failAll(wrong);
    });
    this.#worker = worker;
    return worker;
  }

  #take({ done, answers, commit }: Extract<Said, { readonly is: 'answers' }>): void {
    if (commit) this.#groups += 1;
    for (const id of done) {
      this.#waiting.get(id)?.resolve(nothing);
      this.#waiting.delete(id);
    }
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.is === 'failed') waiting?.reject(unavailable(answer, answer.isUnsure));
      else waiting?.resolve(answer);
    }
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Answers whoever waits for a disk that does not. */
  readonly #giveUp = (): void => {
    const limit = now() - answerMs;
    for (const [id, { since, reject }] of this.#waiting) {
      if (since > limit) break;
      this.#waiting.delete(id);
      reject(unavailable({ why: 'It did not answer in time.', code: null, isLate: true }, true));
    }
    const [oldest] = this.#waiting.values();
    this.#timer = oldest && setTimeout(this.#giveUp, oldest.since - limit);
  };

  #failAll(wrong: Wrong): void {
    for (const { reject } of this.#waiting.values()) reject(unavailable(wrong, true));
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
