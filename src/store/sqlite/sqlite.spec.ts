import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openJournal, openSqlite } from '../open.js';
import { begin, ended, idsOf, prepared } from '../spec-operations.js';
import { sqlite } from '../sql/dialect.js';
import { SqlJournal } from '../sql/sql.journal.js';

const unavailable = { kind: 'store-unavailable' };

describe('a SQLite file', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-sqlite-'));
    path = join(folder, 'made', 'for', 'it.db');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes what is written at once in one transaction, and so with one wait for the disk', async () => {
    const database = await openSqlite(path);
    const journal = new SqlJournal(database, sqlite);
    const ids = Array.from({ length: 200 }, (_, index) => `op_${String(index)}`);
    const before = database.groups;
    await Promise.all(ids.map((id) => begin(journal, id)));
    expect(database.groups - before).toBe(1);
    await Promise.all(ids.map((id) => journal.append(id, 'me', { from: 1, events: [ended()], isOver: false })));
    expect(database.groups - before).toBe(2);
    expect(await idsOf(journal, { limit: 1000 })).toHaveLength(200);
    await journal.close();
  });

  it('refuses one of those that are written together, and takes the others', async () => {
    const journal = await openJournal({ sqlite: { path } });
    await begin(journal, 'op_1');
    const answers = await Promise.allSettled([
      begin(journal, 'op_2'),
      begin(journal, 'op_1'),
      journal.append('op_1', 'somebody', { from: 1, events: [ended()], isOver: false }),
      begin(journal, 'op_3'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(await idsOf(journal)).toEqual(['op_3', 'op_2', 'op_1']);
    expect((await journal.read('op_1'))?.events).toHaveLength(1);
    await journal.close();
  });

  it('keeps all of it when it is closed and opened again, and takes nothing once it is closed', async () => {
    const journal = await openJournal({ sqlite: { path } });
    await begin(journal, 'op_1');
    const written = journal.append('op_1', 'me', { from: 1, events: [ended()], isOver: false });
    await journal.close();
    await written;
    await expect(begin(journal, 'op_2')).rejects.toMatchObject(unavailable);
    await expect(journal.read('op_1')).rejects.toMatchObject(unavailable);
    await journal.close();
    const again = await openJournal({ sqlite: { path } });
    expect((await again.read('op_1'))?.events).toEqual([prepared('op_1'), ended()]);
    await again.append('op_1', 'me', { from: 2, events: [ended('pool', 'again')], isOver: false });
    expect((await again.read('op_1'))?.events.slice(1)).toEqual([ended(), ended('pool', 'again')]);
    await again.close();
  });

  it('that another process keeps to itself fails what is written, in bounded time, until it is free', async () => {
    const journal = await openJournal({ sqlite: { path } });
    await begin(journal, 'op_1');
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const refused = [
      begin(journal, 'op_2'),
      journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'a')], isOver: false }),
    ];
    for (const one of refused) await expect(one).rejects.toMatchObject(unavailable);
    expect(await idsOf(journal)).toEqual(['op_1']);
    other.exec('rollback');
    other.close();
    await journal.append('op_1', 'me', { from: 1, events: [ended('pool', 'b')], isOver: false });
    expect((await journal.read('op_1'))?.events.slice(1)).toEqual([ended('pool', 'b')]);
    await journal.close();
  });

  it('that cannot grow fails what is written, and what is read is still answered', async () => {
    const database = await openSqlite(path);
    const journal = new SqlJournal(database, sqlite);
    await begin(journal, 'op_1');
    await database.read({ sql: 'pragma max_page_count = 1', parameters: [] });
    const large = ended('pool', 'x'.repeat(1_000_000));
    await expect(journal.append('op_1', 'me', { from: 1, events: [large], isOver: false })).rejects.toMatchObject(
      unavailable,
    );
    expect((await journal.read('op_1'))?.events).toHaveLength(1);
    await database.read({ sql: 'pragma max_page_count = 1000000', parameters: [] });
    await journal.append('op_1', 'me', { from: 1, events: [large], isOver: false });
    expect((await journal.read('op_1'))?.events).toEqual([prepared('op_1'), large]);
    await journal.close();
  });

  it('is for nobody else to read, even if it was before, and neither is what stands beside it', async () => {
    const open = async () => {
      const journal = await openJournal({ sqlite: { path } });
      await begin(journal, `op_${String(performance.now())}`);
      const rights = ['', '-wal', '-shm'].map((end) => (statSync(path + end).mode & 0o777).toString(8));
      await journal.close();
      return rights;
    };
    expect(await open()).toEqual(['600', '600', '600']);
    chmodSync(path, 0o644);
    expect(await open()).toEqual(['600', '600', '600']);
  });

  it.each(['removed', 'replaced'])('that is %s while it is used takes nothing any more', async (how) => {
    const reasons: unknown[] = [];
    const journal = await openJournal({ sqlite: { path } }, (_operation, _seconds, reason) => reasons.push(reason));
    await begin(journal, 'op_1');
    renameSync(path, `${path}.away`);
    if (how === 'replaced') writeFileSync(path, '');
    reasons.length = 0;
    await expect(begin(journal, 'op_2')).rejects.toMatchObject(unavailable);
    await expect(journal.append('op_1', 'me', { from: 1, events: [ended()], isOver: false })).rejects.toMatchObject({
      ...unavailable,
      isUnsure: false,
      cause: { message: expect.stringContaining('removed') },
    });
    expect(reasons).toEqual(['removed', 'removed']);
    renameSync(`${path}.away`, path);
    await begin(journal, 'op_3');
    await journal.close();
  });

  it('that cannot be opened is told in a sentence', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'This is no database, but long enough to look at it. '.repeat(100));
    for (const wrong of [file, folder, join(file, 'below.db')]) {
      await expect(openJournal({ sqlite: { path: wrong } })).rejects.toThrow(
        `The SQLite file ${wrong} cannot be opened: `,
      );
    }
  });

  it('that a newer version has changed is used as it is', async () => {
    await (await openJournal({ sqlite: { path } })).close();
    const file = new DatabaseSync(path);
    file.exec("insert into migrations (name) values ('9999-later')");
    file.close();
    const journal = await openJournal({ sqlite: { path } });
    expect(await begin(journal, 'op_1')).toEqual({ is: 'opened' });
    await journal.close();
  });
});
