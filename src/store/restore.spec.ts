import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres } from '../../test/postgres.js';
import type { Journal } from '../core/record/journal.js';
import { openPostgres, openSqlite } from './open.js';
import { at, begin, close, idsOf, lease, listed } from './spec-operations.js';
import { postgres, sqlite } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';

const before = Array.from({ length: 100 }, (_, index) => `op_${String(index).padStart(3, '0')}`);
const key = { scope: 'key', name: 'k', fingerprint: null, expiresAt: at + 86_400_000 } as const;

/** Some operations that are over, and one that runs. */
async function fill(journal: Journal): Promise<void> {
  for (const id of before) {
    await begin(journal, id, id === 'op_000' ? { claims: [key] } : {});
    await journal.append(id, 'me', { from: 1, events: [listed(['1', '2'])], isOver: false });
    await close(journal, id);
  }
  await begin(journal, 'op_running');
}

/** All that was copied is there and can be gone on with; what came after the copy is lost. */
async function expectRestored(journal: Journal, since: number, what: string): Promise<void> {
  expect(await idsOf(journal, { limit: 1000 })).toEqual([...before, 'op_running'].toReversed());
  process.stdout.write(
    `Restored ${what} of 101 operations in ${(performance.now() - since).toFixed(0)} ms; 1 of 102 was lost.\n`,
  );
  expect((await journal.read('op_050'))?.operation.targets[0]?.items).toHaveLength(2);
  expect(await begin(journal, 'op_again', { claims: [key] })).toMatchObject({
    is: 'held',
    held: { operation: 'op_000' },
  });
  const later = lease.until + 3_600_000;
  const taker = { owner: 'you', now: later, until: later + 30_000 };
  // The server's own clock has not come so far: what runs is its owner's until the lease is over.
  await journal.renew({ ...lease, until: lease.now });
  expect(await journal.adopt(taker, 10)).toEqual(['op_running']);
}

describe('a backup that is restored', () => {
  it('of SQLite has all that was written before it, as docs/operating.md tells', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-restore-'));
    const [path, copy] = [join(folder, 'sluice.db'), join(folder, 'copy.db')];
    const journal = new SqlJournal(await openSqlite(path), sqlite);
    await fill(journal);
    const file = new DatabaseSync(path);
    file.exec(`vacuum into '${copy}'`);
    file.close();
    await begin(journal, 'op_z');
    await journal.close();
    const since = performance.now();
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    renameSync(copy, path);
    const again = new SqlJournal(await openSqlite(path), sqlite);
    await expectRestored(again, since, 'SQLite');
    await again.close();
    rmSync(folder, { recursive: true });
  });

  (hasPostgres('restoring it') ? it : it.skip)('of PostgreSQL has all that was written before it', async () => {
    const server = await startPostgres();
    const [first, second] = [await server.database(), await server.database()];
    const journal = new SqlJournal(await openPostgres(() => ({ connectionString: first })), postgres);
    await fill(journal);
    const run = (program: string, options: readonly string[], input = ''): string => {
      const { status, stdout, stderr } = spawnSync(program, options, { input, maxBuffer: 1e9 });
      expect([program, status, stderr.toString()]).toEqual([program, 0, '']);
      return stdout.toString();
    };
    const dump = run('pg_dump', ['--no-owner', first]);
    await begin(journal, 'op_z');
    await journal.close();
    const since = performance.now();
    run('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', second], dump);
    const again = new SqlJournal(await openPostgres(() => ({ connectionString: second })), postgres);
    await expectRestored(again, since, 'PostgreSQL');
    await again.close();
    await server.drop();
  });
});
