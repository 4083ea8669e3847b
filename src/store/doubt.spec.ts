import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable, type Database, type WriteStep, type WriteResult } from './database.js';
import { openSqlite } from './open.js';
import { at, begin, ended, lease } from './spec-operations.js';
import { sqlite } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';

/** A database whose answers get lost: nobody can say what was written, or when. */
class Doubtful implements Database {
  readonly #database: Database;
  lose: 'nothing' | 'the answer' | 'the request' | 'the request, for a while' = 'nothing';
  #late: readonly WriteStep[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  async write(steps: readonly WriteStep[]): Promise<WriteResult> {
    const { lose } = this;
    this.lose = 'nothing';
    if (lose === 'the request, for a while') this.#late = steps;
    else if (lose !== 'the request') {
      const written = await this.#database.write(steps);
      if (lose === 'nothing') return written;
    }
    throw new Unavailable({ engine: 'SQLite', reason: 'timeout', code: null }, { isUnsure: true });
  }

  async read(statement: Parameters<Database['read']>[0]) {
    const rows = await this.#database.read(statement);
    const late = this.#late;
    this.#late = [];
    if (late.length > 0) await this.#database.write(late);
    return rows;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

describe('a journal whose database does not answer in time', () => {
  let database: Doubtful;
  let journal: SqlJournal;

  beforeEach(async () => {
    database = new Doubtful(await openSqlite(':memory:'));
    journal = new SqlJournal(database, sqlite);
  });

  afterEach(async () => {
    await journal.close();
  });

  const unavailable = {
    kind: 'store-unavailable',
    isUnsure: true,
    message: expect.not.stringContaining('answer') as unknown,
  };
  const append = (from: number, ...names: readonly string[]) =>
    journal.append('op_1', 'me', { from, events: names.map((note) => ended('pool', note)), isOver: false });
  const notes = async () =>
    (await journal.read('op_1'))?.events.flatMap((event) => (event.is === 'ended' ? [event.note] : []));

  it.each(['the answer', 'the request', 'the request, for a while'] as const)(
    'writes an event once, if its caller tries again after losing %s',
    async (lose) => {
      await begin(journal, 'op_1');
      await append(1, 'a');
      database.lose = lose;
      await expect(append(2, 'b')).rejects.toMatchObject(unavailable);
      // By then, more has come.
      await append(2, 'b', 'c');
      await append(4, 'd');
      expect(await notes()).toEqual(['a', 'b', 'c', 'd']);
      expect(await notes()).toEqual(['a', 'b', 'c', 'd']);
    },
  );

  it('lets others adopt an operation that began although its caller was told otherwise', async () => {
    await begin(journal, 'op_1');
    database.lose = 'the answer';
    await expect(begin(journal, 'op_2')).rejects.toMatchObject(unavailable);
    const renewed = { owner: 'me', now: lease.until, until: at + 90_000 };
    await journal.renew(renewed);
    expect(await journal.adopt({ ...renewed, owner: 'you' }, 10)).toEqual(['op_2']);
    database.lose = 'the answer';
    await expect(begin(journal, 'op_3')).rejects.toMatchObject(unavailable);
    expect(await journal.adopt(renewed, 10)).toEqual(['op_3']);
    await journal.append('op_3', 'me', { from: 1, events: [ended()], isOver: false });
  });
});
