import { sentenceOf, type StoreTrouble } from '../core/record/store-trouble.js';
import type { Statement, Value } from './sql/statement.js';

/** A row of an answer, by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** A store that cannot be used, told by a sentence for whoever starts the program. */
export class StoreUnusable extends Error {}

/** One step of what is written together. */
export interface WriteStep {
  readonly statement: Statement;
  /** It must change a row: if it does not, nothing of the whole is written. */
  readonly must?: boolean;
  /** Then asked, to tell why. */
  readonly otherwise?: Statement;
  /** Its rows are what the whole answers with. */
  readonly gives?: boolean;
}

/** What became of steps that were to be written together. */
export type WriteResult =
  | { readonly is: 'written'; readonly rows: readonly Row[] }
  /** The step at this index changed no row: nothing was written. */
  | { readonly is: 'refused'; readonly step: number; readonly rows: readonly Row[] }
  /** A row of the same key is there already: nothing was written. */
  | { readonly is: 'conflict' };

/** An engine that keeps tables. What it cannot do within bounded time rejects with Unavailable. */
export interface Database {
  /** Writes all of it, or nothing; what is written survives the death of the process. */
  write(steps: readonly WriteStep[]): Promise<WriteResult>;
  read(statement: Statement): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** The engine cannot be used. Its message is ours: neither an address nor a password is in it. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly trouble: StoreTrouble;
  /** Nobody can say whether it was written. */
  readonly isUnsure: boolean;

  constructor(trouble: StoreTrouble, details: { readonly cause?: unknown; readonly isUnsure: boolean }) {
    super(sentenceOf(trouble), details.cause === undefined ? undefined : { cause: details.cause });
    this.trouble = trouble;
    this.isUnsure = details.isUnsure;
  }
}
