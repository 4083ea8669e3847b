import type { Row } from '../database.js';
import type { Value } from '../sql/statement.js';

/** What the thread is started with. */
export interface Opening {
  readonly path: string;
  /** How long another process may keep the file to itself before we give up. */
  readonly busyMs: number;
  readonly migrations: readonly { readonly name: string; readonly statements: readonly string[] }[];
  /**
   * What tells the file that was opened before, if one was, from any other of its name: another one in its place is not
   * used.
   */
  readonly file: string | null;
}

/** What went wrong: a code of SQLite's or of the operating system's, and what tells the rest. */
export interface Wrong {
  readonly why: string;
  readonly code: number | string | null;
  readonly isRemoved?: boolean;
  readonly isLate?: boolean;
}

// Lists, not objects: the names of members cost a third of the copying between threads.

/** A statement: the place of its words in the message that carries it, and its parameters. */
export type StatementMessage = readonly [text: number, parameters: readonly Value[]];

/** A step of a job that writes; what is asked where it must change a row and does not. */
export type StepMessage = readonly [
  text: number,
  parameters: readonly Value[],
  /** That it changes a row, the rows that it gives, or nothing. */
  asks: 'row' | 'rows' | null,
  otherwise: StatementMessage | null,
];

/** What one caller wants: steps that are written together, or the rows of a statement. */
export type Job =
  readonly [id: number, steps: readonly StepMessage[]] | readonly [id: number, steps: null, read: StatementMessage];

/** What is sent to the thread that owns the file. */
export interface Batch {
  /** The words of the statements, each once. */
  readonly texts: readonly string[];
  readonly jobs: readonly Job[];
  /** The moment, by the clock that never jumps, after which nobody waits for them any more. */
  readonly by: number;
}

/** What became of a job. */
export type WorkerAnswer = { readonly id: number } & (
  | { readonly is: 'written'; readonly rows: readonly Row[] }
  | { readonly is: 'refused'; readonly step: number; readonly rows: readonly Row[] }
  | { readonly is: 'conflict' }
  | ({ readonly is: 'failed'; readonly isUnsure: boolean } & Wrong)
);

/** What the thread says: that the file is open or cannot be opened, or what became of jobs. */
export type Said =
  | { readonly is: 'open'; readonly file: string | null }
  | ({ readonly is: 'shut' } & Wrong)
  | {
      readonly is: 'answers';
      /** The ids of jobs that were written and have no rows to show: most. */
      readonly done: readonly number[];
      readonly answers: readonly WorkerAnswer[];
      /** They were committed. */
      readonly commit: boolean;
    };
