import type { Row } from './database.js';
import type { Value } from './statement.js';

/** A statement, by the place of its words in the message that carries it. */
export interface Told {
  readonly text: number;
  readonly parameters: readonly Value[];
}

/** A step of a job that writes. */
export interface ToldStep extends Told {
  readonly must: boolean;
  readonly gives: boolean;
  readonly otherwise: Told | null;
}

/** What one caller wants: rows, or steps that are written together. */
export type Job =
  { readonly id: number; readonly read: Told } | { readonly id: number; readonly steps: readonly ToldStep[] };

/** What is sent to the thread that owns the file. */
export interface Batch {
  /** The words of the statements, each once. */
  readonly texts: readonly string[];
  readonly jobs: readonly Job[];
  /** The moment, by the clock that never jumps, after which nobody waits for them any more. */
  readonly by: number;
}

/** What became of a job. */
export type Answer = { readonly id: number } & (
  | { readonly is: 'written'; readonly rows: readonly Row[] }
  | { readonly is: 'refused'; readonly step: number; readonly rows: readonly Row[] }
  | { readonly is: 'conflict' }
  | { readonly is: 'failed'; readonly why: string; readonly isUnsure: boolean }
);

/** What the thread says: that the file is open or cannot be opened, or what became of jobs. */
export type Said =
  | { readonly is: 'open' }
  | { readonly is: 'shut'; readonly why: string }
  | {
      readonly is: 'answers';
      readonly answers: readonly Answer[];
      /** They were committed. */ readonly commit: boolean;
    };
