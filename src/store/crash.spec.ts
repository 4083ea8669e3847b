import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres, type PostgresServer } from '../../test/postgres.js';
import type { Journal } from '../core/record/journal.js';
import { openPostgres, openSqlite } from './open.js';
import { postgres, sqlite } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';
import { verifyStore, type VerifyOptions } from './verify/verify-store.js';

const root = join(import.meta.dirname, '..', '..');
const writers = 8;
/** Sixteen processes are started here, on whatever else the machine is busy with. */
const patienceMs = 90_000;

/** Numbers that look random, and are the same in every run. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const children: ChildProcess[] = [];

/** Runs a writer until it has told of so many writes, kills it in the middle of the next, and gives all it told. */
function runWriter(engine: string, address: string, name: string, lines: number): Promise<readonly string[]> {
  const hooks = join(root, 'test', 'typescript.mjs');
  const program = join(root, 'test', 'journal-writer.ts');
  const child = spawn(process.execPath, ['--import', hooks, program, engine, address, name], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const told: string[] = [];
  const errors: string[] = [];
  child.stderr.on('data', (piece: Buffer) => errors.push(piece.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    told.push(line);
    if (told.length === lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(told);
      else reject(new Error(`A writer ended by itself: ${errors.join('')}`));
    });
  });
}

async function runWriters(engine: string, address: string, seed: number): Promise<readonly string[]> {
  const numbers = random(seed);
  const all = Array.from({ length: writers }, (_, index) =>
    runWriter(engine, address, `w${String(index)}`, 5 + Math.floor(numbers.next().value * 60)),
  );
  return (await Promise.all(all)).flat();
}

/** All that was told to be written is there; whatever is there is there once. */
async function expectAll(journal: Journal, told: readonly string[]): Promise<void> {
  const written = new Map<string, string[]>();
  for (const { id } of await journal.list({ limit: 100_000 })) {
    const { events } = (await journal.read(id))!;
    const notes = events.flatMap((event) => (event.is === 'ended' ? [String(event.note)] : []));
    expect(events[0]?.is).toBe('prepared');
    expect(new Set(notes).size).toBe(notes.length);
    expect(events).toHaveLength(notes.length + 1);
    written.set(id, notes);
  }
  const lost = told.filter((line) => {
    const [id = '', note] = line.split(' ');
    return note === undefined ? !written.has(id) : written.get(id)?.includes(note) !== true;
  });
  expect(lost).toEqual([]);
  expect(told.length).toBeGreaterThan(writers * 5);
}

/** The chains of all operations are whole. */
async function expectValid(store: VerifyOptions['store']): Promise<void> {
  const { valid, text } = await verifyStore({ store, seals: null, json: true });
  expect([valid, text]).toEqual([true, expect.stringMatching(/"waiting": [1-9]/)]);
}

describe('eight writers that begin on an empty database and are killed', () => {
  let folder: string;
  let server: PostgresServer | undefined;
  const onPostgres = hasPostgres('killing its writers');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
    if (onPostgres) server = await startPostgres();
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
    await server?.drop();
  });

  it(
    'lose nothing in SQLite, and write nothing twice',
    async () => {
      const path = join(folder, 'sluice.db');
      const told = await runWriters('sqlite', path, 20_261_121);
      const journal = new SqlJournal(await openSqlite(path), sqlite);
      await expectAll(journal, told);
      await journal.close();
      await expectValid({ path });
      const file = new DatabaseSync(path);
      expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
      file.close();
    },
    patienceMs,
  );

  (onPostgres ? it : it.skip)(
    'lose nothing in PostgreSQL, and write nothing twice',
    async () => {
      const url = await server!.database();
      const told = await runWriters('postgres', url, 20_261_122);
      const journal = new SqlJournal(await openPostgres(() => ({ connectionString: url })), postgres);
      await expectAll(journal, told);
      await journal.close();
      await expectValid({ url });
    },
    patienceMs,
  );
});
