import type { Mark } from './statement.js';

/** In what the two engines differ. All else is the same SQL for both. */
export interface Dialect {
  readonly engine: 'sqlite' | 'postgres';
  readonly mark: Mark;
  /**
   * Milliseconds since the epoch, by the clock that decides about claims, budgets, leases and freezes. Replicas that
   * share a server go by its clock, whatever theirs say; a SQLite file has one machine, and goes by the caller's.
   */
  readonly now: string;
  /** Keeps a row that is read from being changed until the transaction is over: SQLite has one writer anyway. */
  readonly locked: string;
  /** The same, and leaves out what somebody else keeps. */
  readonly unlocked: string;
  /** The members of a JSON list of texts, as rows of one column `item`. */
  readonly items: (parameter: string) => string;
  /** A member of a JSON object, as text. */
  readonly field: (object: string, name: string) => string;
  /**
   * The type of text that is compared: byte by byte, as JavaScript sorts, whatever the locale of the server is or
   * becomes.
   */
  readonly key: string;
  /** Small rows need no other key than their own. */
  readonly flat: string;
  /** Adds a column that may be there already, where that is not found out by the transaction. */
  readonly addColumn: string;
  /**
   * How many bytes the operations take: the pages of the file that are in use, or what was counted of each, as far as
   * it was.
   */
  readonly bytes: string;
  /** Statements that write several tables, each only if the first of them changed a row. */
  readonly joins: boolean;
}

/** The words of SQLite. */
export const sqlite: Dialect = {
  engine: 'sqlite',
  mark: '?',
  now: ':now',
  locked: '',
  unlocked: '',
  items: (parameter) => `select value as item from json_each(${parameter})`,
  field: (object, name) => `${object} ->> '${name}'`,
  key: 'text',
  flat: ' without rowid',
  addColumn: 'add column',
  bytes: `(select (pages.page_count - free.freelist_count) * size.page_size
    from pragma_page_count() as pages, pragma_freelist_count() as free, pragma_page_size() as size)`,
  joins: false,
};

/** The words of PostgreSQL. */
export const postgres: Dialect = {
  engine: 'postgres',
  mark: '$',
  now: 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)',
  locked: ' for no key update',
  unlocked: ' for update skip locked',
  items: (parameter) => `select item from json_array_elements_text(cast(${parameter} as json)) as items(item)`,
  field: (object, name) => `cast(${object} as json) ->> '${name}'`,
  key: 'text collate "C"',
  flat: '',
  addColumn: 'add column if not exists',
  bytes: 'coalesce(sum(coalesce(bytes, 4096)), 0)',
  joins: true,
};
