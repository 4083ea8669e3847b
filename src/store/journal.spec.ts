import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hasPgBouncer, startPgBouncer } from '../../test/pgbouncer.js';
import { hasPostgres, startPostgres } from '../../test/postgres.js';
import type { OperationEvent } from '../core/model/event.js';
import { Failure, type FailureKind } from '../core/model/failure.js';
import { LeaseLost, type Claim, type Journal } from '../core/record/journal.js';
import type { Notice } from '../core/model/notice.js';
import type { Freeze } from '../core/model/freeze.js';
import { summaryOf } from '../core/record/summary.js';
import { problemOf } from '../core/model/problem.js';
import type { Database } from './database.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { openPostgres, openSqlite } from './open.js';
import { add, at, begin, close, ended, idsOf, lease, listed, prepared, started } from './spec-operations.js';
import { postgres, sqlite, type Dialect } from './sql/dialect.js';
import { SqlJournal } from './sql/sql.journal.js';

/** A journal, and the same as another replica sees it; in memory there is only one. */
interface Pair {
  readonly journal: Journal;
  readonly other: Journal;
}

interface Engine {
  /** A new journal with nothing in it. */
  fresh(): Promise<Pair>;
  close(): Promise<void>;
}

const onPostgres = hasPostgres('the journal');
const onPgBouncer = onPostgres && hasPgBouncer('the journal');

/** Two replicas of one database: connecting takes longer than most specs, so that it is only emptied between them. */
function shared(dialect: Dialect, databases: readonly [Database, Database]): Engine {
  const tables = [
    'operations',
    'events',
    'operation_targets',
    'operation_processes',
    'claims',
    'kills',
    'budgets',
    'freezes',
    'acknowledgements',
    'unsealed',
    'notifications',
    'seals',
    'seal_members',
    'prunings',
  ];
  const empty = tables.map((table) => ({ statement: { sql: `delete from ${table}`, parameters: [] } }));
  return {
    fresh: async () => {
      await databases[0].write(empty);
      const [journal, other] = databases.map((database) => new SqlJournal(database, dialect, undefined, tellWritten));
      return { journal: journal!, other: other! };
    },
    close: async () => {
      for (const database of databases) await database.close();
    },
  };
}

async function onServer(dialect: Dialect, isPooled = false): Promise<Engine> {
  const server = await startPostgres();
  const direct = await server.database();
  const pooler = isPooled ? await startPgBouncer(direct) : undefined;
  const url = pooler?.through(direct) ?? direct;
  const open = async () => openPostgres(() => ({ connectionString: url }));
  const engine = shared(dialect, [await open(), await open()]);
  return {
    ...engine,
    close: async () => {
      await engine.close();
      await pooler?.close();
      await server.drop();
    },
  };
}

/** The clock of the specs decides: that of a server cannot be moved. */
const timed: Dialect = { ...postgres, now: 'cast(:now as bigint)' };

/** What was told to be written, and for whom. */
let written: [string, number][] = [];
const tellWritten = (by: string, bytes: number): void => {
  written.push([by, bytes]);
};

const engines: Record<string, () => Promise<Engine>> = {
  memory: () =>
    Promise.resolve({
      fresh: () => {
        const journal = new MemoryJournal(undefined, tellWritten);
        return Promise.resolve({ journal, other: journal });
      },
      close: () => Promise.resolve(),
    }),
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
    const open = () => openSqlite(join(folder, 'sluice.db'));
    const engine = shared(sqlite, [await open(), await open()]);
    return {
      ...engine,
      close: async () => {
        await engine.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
  ...(onPostgres
    ? {
        postgres: () => onServer(timed),
        'postgres, step by step': () => onServer({ ...timed, joins: false }),
        ...(onPgBouncer ? { 'postgres, through PgBouncer in transaction mode': () => onServer(timed, true) } : {}),
      }
    : {}),
};

const claim = (scope: Claim['scope'], name: string, more: Partial<Claim> = {}): Claim => ({
  scope,
  name,
  fingerprint: null,
  expiresAt: at + 60_000,
  ...more,
});

describe.each(Object.keys(engines))('the journal on %s', (engine) => {
  let opened: Engine;
  let journal: Journal;
  let other: Journal;

  beforeAll(async () => {
    opened = await engines[engine]!();
  });

  afterAll(async () => {
    await opened.close();
  });

  beforeEach(async () => {
    ({ journal, other } = await opened.fresh());
  });

  it('knows how an operation stands, from its first event to its last', async () => {
    expect(await journal.read('op_1')).toBeUndefined();
    expect(await begin(journal, 'op_1')).toEqual({ is: 'opened' });
    expect(await other.read('op_1')).toMatchObject({
      events: [prepared('op_1')],
      operation: { id: 'op_1', state: 'running', endedAt: null },
    });
    await add(journal, 'op_1', [listed(['1'])]);
    await close(journal, 'op_1');
    const kept = await other.read('op_1');
    expect(kept?.events.map(({ is }) => is)).toEqual(['prepared', 'listed', 'ended', 'closed']);
    expect(kept?.operation).toMatchObject({ state: 'failed', endedAt: new Date(at + 6).toISOString() });
  });

  it('tells about how many bytes it wrote, and for whom', async () => {
    const first = prepared('op_1');
    const by = first.header.requestedBy;
    written = [];
    await begin(journal, 'op_1');
    const ids = Array.from({ length: 500 }, (_, index) => String(index));
    await add(journal, 'op_1', [listed(ids)], { by });
    await close(journal, 'op_1', { by });
    expect(new Set(written.map(([who]) => who))).toEqual(new Set([by]));
    const bytes = written.reduce((sum, [, one]) => sum + one, 0);
    const length = JSON.stringify([listed(ids)]).length;
    expect(bytes).toBeGreaterThan(length);
    expect(bytes).toBeLessThan(length * 4);
  });

  it('keeps events in the order of their places', async () => {
    await begin(journal, 'op_1');
    const notes = Array.from({ length: 50 }, (_, index) => `note ${String(index)}`);
    for (const [index, note] of notes.entries()) {
      await journal.append('op_1', 'me', { from: index + 1, events: [ended('pool', note)], isOver: false });
    }
    const { events } = (await other.read('op_1'))!;
    expect(events.slice(1).map((event) => event.is === 'ended' && event.note)).toEqual(notes);
  });

  it('changes nothing by a try that comes after what followed it', async () => {
    await begin(journal, 'op_1');
    const late = { from: 1, events: [ended('pool', 'a')], isOver: false };
    await journal.append('op_1', 'me', { ...late, events: [...late.events, ended('pool', 'b')] });
    await journal.append('op_1', 'me', { from: 3, events: [{ is: 'closed', at }], isOver: false });
    await journal.append('op_1', 'me', late).catch(() => undefined);
    expect((await other.read('op_1'))?.events.slice(1)).toEqual([
      ended('pool', 'a'),
      ended('pool', 'b'),
      { is: 'closed', at },
    ]);
  });

  it('gives back what was written, whatever characters are in it', async () => {
    const texts = [
      'quotes " \' ` \\',
      'NUL \0 inside',
      '雪 🌨 é',
      'lone \uD800',
      '$1 ? :a',
      'a\nb\tc',
      "'; drop table events; --",
    ];
    const reason = texts.join('|');
    await begin(journal, 'op_1', { header: { reason, requestedBy: texts[2]!, requestId: texts[0]! }, targets: texts });
    await add(
      journal,
      'op_1',
      texts.map((text) => ended('pool', text)),
    );
    await close(journal, 'op_1');
    const kept = await other.read('op_1');
    expect(kept?.events.slice(1, 8)).toEqual(texts.map((text) => ended('pool', text)));
    expect(kept?.operation.reason).toBe(reason);
    expect(await idsOf(other, { requestedBy: texts[2]!, requestId: texts[0]! })).toEqual(['op_1']);
    for (const target of texts) expect(await idsOf(other, { targets: [target] })).toEqual(['op_1']);
  });

  it('refuses to begin an operation twice', async () => {
    await begin(journal, 'op_1');
    await expect(begin(other, 'op_1')).rejects.toThrow('There is an operation op_1 already.');
    expect((await journal.read('op_1'))?.events).toHaveLength(1);
  });

  it('keeps a listing of 10,000, and finds the operation by any of its ids', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => String(9_007_199_254_740_993n + BigInt(index)));
    await begin(journal, 'op_1');
    await begin(journal, 'op_2');
    await add(journal, 'op_1', [listed(ids)]);
    await add(journal, 'op_2', [listed([ids[0]!, ids[0]!])]);
    const { events } = (await other.read('op_1'))!;
    expect(events[1]?.is === 'listed' && events[1].items.map(({ id }) => id)).toEqual(ids);
    expect(await idsOf(other, { processId: ids[0]! })).toEqual(['op_2', 'op_1']);
    // As numbers these two would be one.
    expect(await idsOf(other, { processId: '9007199254740992' })).toEqual([]);
    for (const id of [ids[1]!, ids[4_321]!, ids[9_999]!])
      expect(await idsOf(other, { processId: id })).toEqual(['op_1']);
  });

  it('finds an operation by an address in any spelling', async () => {
    await begin(journal, 'op_1');
    await add(journal, 'op_1', [listed(['[FD00:0::1]:6379', '10.0.3.21:33001'])]);
    for (const processId of ['[fd00::1]:6379', '[FD00:0::1]:6379', '[::ffff:10.0.3.21]:33001', '10.0.3.21:33001']) {
      expect(await idsOf(other, { processId })).toEqual(['op_1']);
    }
    expect(await idsOf(other, { processId: '[fd00::1]:6380' })).toEqual([]);
  });

  describe('lists', () => {
    it('the newest first, whichever ended first, page by page', async () => {
      const ids = Array.from({ length: 7 }, (_, index) => `op_${String(index)}`);
      for (const id of ids) await begin(journal, id);
      for (const id of ['op_3', 'op_1']) await close(journal, id);
      expect(await idsOf(other)).toEqual(ids.toReversed());
      expect(await idsOf(other, { limit: 3 })).toEqual(['op_6', 'op_5', 'op_4']);
      expect(await idsOf(other, { limit: 3, after: 'op_4' })).toEqual(['op_3', 'op_2', 'op_1']);
      expect(await idsOf(other, { limit: 3, after: 'op_1' })).toEqual(['op_0']);
      expect(await idsOf(other, { after: 'op_0' })).toEqual([]);
    });

    it('what fits, dry runs left out', async () => {
      await begin(journal, 'op_1', { targets: ['pool', 'orders'] });
      await begin(journal, 'op_2', { targets: ['orders'], header: { kind: 'processes.kill', mode: null } });
      await begin(journal, 'op_3', { header: { requestedBy: 'other', requestId: 'q' } });
      await begin(journal, 'op_4', { header: { dryRun: true } });
      await begin(journal, 'op_5', { targets: ['carts'] });
      await close(journal, 'op_3');
      expect(await idsOf(other)).toEqual(['op_5', 'op_3', 'op_2', 'op_1']);
      expect(await idsOf(other, { targets: ['orders'] })).toEqual(['op_2', 'op_1']);
      expect(await idsOf(other, { targets: ['orders', 'carts', 'none'] })).toEqual(['op_5', 'op_2', 'op_1']);
      expect(await idsOf(other, { targets: ['orders', 'pool'] })).toEqual(['op_3', 'op_2', 'op_1']);
      expect(await idsOf(other, { targets: [] })).toEqual([]);
      expect(await idsOf(other, { kind: 'processes.kill' })).toEqual(['op_2']);
      expect(await idsOf(other, { requestedBy: 'other' })).toEqual(['op_3']);
      expect(await idsOf(other, { requestId: 'q' })).toEqual(['op_3']);
      expect(await idsOf(other, { state: 'running' })).toEqual(['op_5', 'op_2', 'op_1']);
      expect(await idsOf(other, { state: 'succeeded' })).toEqual(['op_3']);
      expect(await idsOf(other, { targets: ['pool'], state: 'running' })).toEqual(['op_1']);
      expect(await idsOf(other, { targets: ['pool'], kind: 'sessions.tune' })).toEqual([]);
      expect(await other.read('op_4')).toMatchObject({ operation: { dryRun: true } });
    });

    it('what was created in a span: its beginning belongs to it, its end does not', async () => {
      for (const step of [0, 1, 2, 3]) await begin(journal, `op_${String(step)}`, { at: at + step * 1000 });
      expect(await idsOf(other, { since: at + 1000, until: at + 3000 })).toEqual(['op_2', 'op_1']);
      expect(await idsOf(other, { since: at + 3001 })).toEqual([]);
      expect(await idsOf(other, { until: at })).toEqual([]);
    });

    it('without what may be long, however they stand', async () => {
      await begin(journal, 'op_1');
      await begin(journal, 'op_2');
      for (const id of ['op_1', 'op_2']) await add(journal, id, [listed(['1', '2'])]);
      await close(journal, 'op_1');
      const summaries = await other.summaries({ limit: 10 });
      const records = await Promise.all(summaries.map(({ id }) => other.read(id)));
      expect(summaries).toEqual(records.map((kept) => summaryOf(kept!.operation)));
      expect(summaries.map(({ id, state }) => [id, state])).toEqual([
        ['op_2', 'running'],
        ['op_1', 'failed'],
      ]);
      expect(summaries[1]?.targets[0]).toMatchObject({ items: [], itemsOmitted: 2, counts: { failed: 2 } });
      expect(await other.summaries({ limit: 10, state: 'failed' })).toHaveLength(1);
    });

    it('as running only what runs by its events, and a page of it is full', async () => {
      for (const id of ['op_1', 'op_2', 'op_3', 'op_4']) await begin(journal, id);
      for (const id of ['op_3', 'op_4']) await add(journal, id, [ended()]);
      expect(await idsOf(other, { state: 'running', limit: 2 })).toEqual(['op_2', 'op_1']);
      expect(await idsOf(other, { state: 'running', limit: 1 })).toEqual(['op_2']);
    });
  });

  describe('messages to receivers', () => {
    const messagesOf = (notices: readonly Notice[]) =>
      notices.map(({ id, type }) => ({ receiver: 'pager', id, body: JSON.stringify(`${type} \0 雪`) }));
    const notice = (id: string): Notice => ({
      ...{ kind: 'forced', type: 'operation.forced', id, at, targets: ['pool'], operation: 'op_1' },
      facts: () => ({ kind: 'sessions.flush', mode: 'forced', requestedBy: 'app' }),
    });
    const forced = (...ids: string[]) => ({ claims: [], spending: [], notices: ids.map(notice) });
    let woken: number;

    beforeEach(() => {
      woken = 0;
      journal.outbox.use({ messagesOf, onWritten: () => (woken += 1) });
    });

    const waiting = async (now = at) => (await other.outbox.waiting(now)).map(({ count }) => count)[0] ?? 0;
    const take = async (from: Journal, limit: number, now: number) =>
      (await from.outbox.take('pager', limit, now, 60_000)).map(({ id }) => id).toSorted();

    it('are written with the beginning of an operation, or not at all', async () => {
      await journal.open(prepared('op_1'), { ...forced('m1'), claims: [claim('flush', 'pool')] }, lease);
      const held = await journal.open(prepared('op_2'), { ...forced('m2'), claims: [claim('flush', 'pool')] }, lease);
      expect([held.is, await waiting(), woken]).toEqual(['held', 1, 1]);
      expect(await other.outbox.take('pager', 9, at, 60_000)).toEqual([
        { receiver: 'pager', id: 'm1', body: JSON.stringify('operation.forced \0 雪'), attempts: 1, ageMs: 0 },
      ]);
    });

    it('are written with an entry, once however often it is tried, and not by those who lost the operation', async () => {
      await begin(journal, 'op_1');
      const entry = { from: 1, events: [started()], isOver: false, notices: [notice('m1')] };
      await journal.append('op_1', 'me', entry);
      await journal.append('op_1', 'me', entry);
      const lost = journal.append('op_1', 'another', { ...entry, notices: [notice('m2')] });
      await expect(lost).rejects.toThrow(LeaseLost);
      expect(await waiting()).toBe(1);
    });

    it('are none where nobody is notified, or nothing is told', async () => {
      await journal.open(prepared('op_1'), forced(), lease);
      if (other !== journal) await other.open(prepared('op_2'), forced('m2'), lease);
      expect([await waiting(), woken]).toEqual([0, 0]);
    });

    it('are taken by one of two at a time, and again once their time is over', async () => {
      await journal.outbox.add(['m1', 'm2', 'm3', 'm4', 'm5'].map(notice));
      const [one, two] = await Promise.all([take(journal, 3, at), take(other, 3, at)]);
      expect([...one, ...two].toSorted()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
      expect(await take(other, 9, at + 59_999)).toEqual([]);
      expect(await other.outbox.waiting(at + 20_000)).toEqual([
        { receiver: 'pager', count: 5, oldestMs: 20_000, dueInMs: 40_000 },
      ]);
      const again = await other.outbox.take('pager', 9, at + 60_000, 60_000);
      expect(again.map(({ attempts, ageMs }) => [attempts, ageMs])).toEqual(again.map(() => [2, 60_000]));
      expect(again).toHaveLength(5);
    });

    it('are taken later where that is asked, and never once they are deleted', async () => {
      await journal.outbox.add([notice('m1'), notice('m2')]);
      const [first, second] = await journal.outbox.take('pager', 9, at, 60_000);
      await other.outbox.postpone(first!, at, 5000);
      await other.outbox.delete(second!);
      expect(await take(journal, 9, at + 4999)).toEqual([]);
      expect(await take(journal, 9, at + 5000)).toEqual([first!.id]);
    });

    it('are trimmed to the newest, and forgotten for those whom nobody knows', async () => {
      const older = { ...notice('m0'), at: at - 1000 };
      await journal.outbox.add([older]);
      await journal.outbox.add([notice('m1'), notice('m2')]);
      expect(await other.outbox.trim('pager', 2)).toBe(1);
      expect(await other.outbox.trim('pager', 2)).toBe(0);
      expect(await other.outbox.forget(['pager'], at + 9999, 0)).toBe(0);
      expect(await other.outbox.forget(['chat'], at + 9999, 10_000)).toBe(0);
      expect(await take(journal, 9, at)).toEqual(['m1', 'm2']);
      expect(await other.outbox.forget([], at + 10_000, 10_000)).toBe(2);
    });
  });

  describe('claims', () => {
    it('let one of two operations begin, and tell the other who has it', async () => {
      const key = claim('key', 'caller k-1', { fingerprint: 'f' });
      const answers = await Promise.all([
        begin(journal, 'op_1', { claims: [key] }),
        begin(other, 'op_2', { claims: [key] }),
      ]);
      const winner = answers[0].is === 'opened' ? 'op_1' : 'op_2';
      const loser = winner === 'op_1' ? 'op_2' : 'op_1';
      expect(answers.map(({ is }) => is).toSorted()).toEqual(['held', 'opened']);
      expect(answers).toContainEqual({ is: 'held', held: { ...key, operation: winner } });
      expect(await other.read(loser)).toBeUndefined();
      expect(await idsOf(other)).toEqual([winner]);
      expect(await other.held('key', key.name, at)).toEqual({ ...key, operation: winner });
    });

    it('let exactly one of many begin, whatever order they name them in', async () => {
      const names = ['a', 'b', 'c'].map((name) => claim('flush', name));
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          begin(index % 2 === 0 ? journal : other, `op_${String(index).padStart(2, '0')}`, {
            claims: index % 3 === 0 ? names.toReversed() : names,
          }),
        ),
      );
      expect(answers.filter(({ is }) => is === 'opened')).toHaveLength(1);
      expect(await idsOf(journal)).toHaveLength(1);
    });

    it('are all taken or none, each in its own scope', async () => {
      await begin(journal, 'op_1', { claims: [claim('plan', 'x')] });
      expect(await begin(other, 'op_2', { claims: [claim('key', 'x'), claim('plan', 'x')] })).toMatchObject({
        is: 'held',
      });
      expect(await other.held('key', 'x', at)).toBeUndefined();
      expect(await begin(other, 'op_3', { claims: [claim('key', 'x'), claim('flush', 'x')] })).toEqual({
        is: 'opened',
      });
    });

    it('expire', async () => {
      await begin(journal, 'op_1', { claims: [claim('key', 'x', { expiresAt: at + 1000 })] });
      expect(await other.held('key', 'x', at + 999)).toMatchObject({ operation: 'op_1' });
      expect(await other.held('key', 'x', at + 1000)).toBeUndefined();
      const again = { claims: [claim('key', 'x', { expiresAt: at + 9000 })] };
      expect(await begin(other, 'op_2', { ...again, at: at + 999 })).toMatchObject({ is: 'held' });
      expect(await begin(other, 'op_3', { ...again, at: at + 1000 })).toEqual({ is: 'opened' });
      expect(await journal.held('key', 'x', at + 1000)).toMatchObject({ operation: 'op_3' });
    });

    it('of flushes are given back one by one, as targets are done', async () => {
      await begin(journal, 'op_1', { claims: [claim('flush', 'a'), claim('flush', 'b'), claim('key', 'a')] });
      await journal.append('op_1', 'me', { from: 1, events: [ended('a')], isOver: false, freed: ['a'] });
      expect(await other.held('flush', 'a', at)).toBeUndefined();
      expect(await other.held('flush', 'b', at)).toMatchObject({ operation: 'op_1' });
      expect(await other.held('key', 'a', at)).toMatchObject({ operation: 'op_1' });
    });

    it('are all given back where nothing was done and the same call may come again', async () => {
      const failedAs = (kind: FailureKind): OperationEvent => ({
        is: 'failed',
        at,
        target: 'pool',
        node: null,
        call: null,
        jobId: null,
        ids: null,
        problem: problemOf(new Failure(kind, 'No.')),
        sent: 'never',
      });
      for (const [id, kind] of [
        ['op_1', 'upstream-unavailable'],
        ['op_2', 'upstream-rejected'],
      ] as const) {
        await begin(journal, id, { claims: [claim('key', id), claim('plan', id), claim('flush', id)] });
        await add(journal, id, [failedAs(kind)]);
        await close(journal, id, { isOver: false });
        expect(await other.held('flush', id, at)).toBeUndefined();
      }
      expect([await other.held('key', 'op_1', at), await other.held('plan', 'op_1', at)]).toEqual([
        undefined,
        undefined,
      ]);
      expect(await other.held('key', 'op_2', at)).toMatchObject({ operation: 'op_2' });
      expect(await other.held('plan', 'op_2', at)).toMatchObject({ operation: 'op_2' });
      expect(await begin(other, 'op_3', { claims: [claim('key', 'op_1')] })).toEqual({ is: 'opened' });
      await add(journal, 'op_1', [], { isOver: true });
      expect(await other.held('key', 'op_1', at)).toMatchObject({ operation: 'op_3' });
    });

    it('on flushes are given back once the vendors are done, others are not', async () => {
      await begin(journal, 'op_1', { claims: [claim('flush', 'pool'), claim('key', 'x')] });
      await begin(journal, 'op_2', { claims: [claim('flush', 'carts')] });
      await close(journal, 'op_1', { isOver: false });
      expect(await other.held('flush', 'pool', at)).toBeUndefined();
      expect(await other.held('key', 'x', at)).toMatchObject({ operation: 'op_1' });
      expect(await other.held('flush', 'carts', at)).toMatchObject({ operation: 'op_2' });
    });
  });

  describe('budgets', () => {
    const spend = (target: string, count: number, perMinute = 10) => ({ target, count, perMinute });

    it('are spent in any minute, all that is asked for or nothing', async () => {
      expect(await begin(journal, 'op_1', { spending: [spend('a', 6)] })).toEqual({ is: 'opened' });
      expect(await begin(other, 'op_2', { spending: [spend('b', 2), spend('a', 5)], at: at + 1000 })).toEqual({
        is: 'spent',
        target: 'a',
        left: 4,
        retryAfterMs: 59_000,
      });
      expect(await other.read('op_2')).toBeUndefined();
      expect(await journal.spent('b', at + 1000)).toBe(0);
      expect(await begin(other, 'op_3', { spending: [spend('a', 4)], at: at + 30_000 })).toEqual({ is: 'opened' });
      expect(await journal.spent('a', at + 59_999)).toBe(10);
      expect(await journal.spent('a', at + 60_000)).toBe(4);
      expect(await begin(other, 'op_4', { spending: [spend('a', 7)], at: at + 60_000 })).toMatchObject({
        left: 6,
        retryAfterMs: 30_000,
      });
      expect(await begin(other, 'op_5', { spending: [spend('a', 6)], at: at + 60_000 })).toEqual({ is: 'opened' });
      expect(await begin(other, 'op_6', { spending: [spend('a', 11)], at: at + 60_000 })).toEqual({
        is: 'spent',
        target: 'a',
        left: 0,
        retryAfterMs: null,
      });
    });

    it('get back what surely ended nothing, once however often it is told', async () => {
      await begin(journal, 'op_1', { spending: [spend('a', 6), spend('b', 6)] });
      await begin(journal, 'op_2', { spending: [spend('a', 2)] });
      const entry = { from: 1, events: [ended('a')], isOver: false, used: [{ target: 'a', count: 1 }] };
      for (let attempt = 0; attempt < 2; attempt += 1) await journal.append('op_1', 'me', entry);
      expect(await other.spent('a', at)).toBe(3);
      await close(journal, 'op_1', {
        used: [
          { target: 'a', count: 4 },
          { target: 'b', count: 0 },
        ],
      });
      expect([await other.spent('a', at), await other.spent('b', at)]).toEqual([3, 0]);
    });

    it('are not overspent by twenty at once, whatever order they name their targets in', async () => {
      const spending = [spend('a', 2), spend('b', 2)];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          begin(index % 2 === 0 ? journal : other, `op_${String(index)}`, {
            spending: index % 3 === 0 ? spending.toReversed() : spending,
          }),
        ),
      );
      expect(answers.filter(({ is }) => is === 'opened')).toHaveLength(5);
      expect(await journal.spent('a', at)).toBe(10);
      expect(await journal.spent('b', at)).toBe(10);
    });
  });

  describe('leases', () => {
    const later = at + 40_000;
    const taker = (owner: string, now = later) => ({ owner, now, until: now + 30_000 });

    it('are kept by saying so, and lost by not', async () => {
      await begin(journal, 'op_1');
      await begin(journal, 'op_2', { lease: { owner: 'gone', now: at, until: at + 30_000 } });
      expect(await other.adopt(taker('you', at + 29_999), 10)).toEqual([]);
      await journal.renew({ owner: 'me', now: later, until: later + 1 });
      expect(await other.adopt(taker('you'), 10)).toEqual(['op_2']);
      expect(await other.adopt(taker('you'), 10)).toEqual([]);
    });

    it('are not taken from who was only late, by itself', async () => {
      await begin(journal, 'op_1');
      expect(await journal.adopt(taker('me'), 10)).toEqual([]);
      expect(await other.adopt(taker('you'), 10)).toEqual([]);
    });

    it('give each operation to one of eight takers, the oldest first, no more than they ask for', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `op_${String(index).padStart(2, '0')}`);
      for (const id of ids) await begin(journal, id);
      expect(await journal.adopt(taker('first'), 2)).toEqual(['op_00', 'op_01']);
      const taken = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          (index % 2 === 0 ? journal : other).adopt(taker(`taker-${String(index)}`), 7),
        ),
      );
      const left = await journal.adopt(taker('last'), 100);
      expect([...taken.flat(), ...left].toSorted()).toEqual(ids.slice(2));
      for (const some of taken) expect(some.length).toBeLessThanOrEqual(7);
    });

    it('that are lost let nothing be written', async () => {
      await begin(journal, 'op_1', { claims: [claim('flush', 'pool')] });
      await add(journal, 'op_1', [ended('pool', 'mine')]);
      expect(await other.adopt(taker('you'), 10)).toEqual(['op_1']);
      const before = await journal.read('op_1');
      for (const event of [listed(['7']), ended()])
        await expect(add(journal, 'op_1', [event])).rejects.toThrow(LeaseLost);
      await expect(close(journal, 'op_1')).rejects.toThrow(LeaseLost);
      expect(await other.read('op_1')).toEqual(before);
      expect(await idsOf(other, { processId: '7' })).toEqual([]);
      expect(await other.held('flush', 'pool', at)).toMatchObject({ operation: 'op_1' });
      await add(other, 'op_1', [ended('pool', 'yours')], { owner: 'you' });
      expect((await journal.read('op_1'))?.events.slice(1)).toEqual([ended('pool', 'mine'), ended('pool', 'yours')]);
    });

    it('end with the operation', async () => {
      await begin(journal, 'op_1');
      await begin(journal, 'op_2');
      await close(journal, 'op_1');
      await close(journal, 'op_2', { isOver: false });
      await expect(add(journal, 'op_1', [ended()])).rejects.toThrow(LeaseLost);
      await expect(add(journal, 'op_none', [ended()])).rejects.toThrow(LeaseLost);
      await add(journal, 'op_2', [{ is: 'over', at }], { isOver: true });
      expect(await other.adopt(taker('you'), 10)).toEqual([]);
    });
  });

  it('takes an entry again that it may have taken before, and has it once', async () => {
    await begin(journal, 'op_1');
    const entry = { from: 1, events: [listed(['7']), ended('pool', 'first')], isOver: false };
    for (let attempt = 0; attempt < 3; attempt += 1) await journal.append('op_1', 'me', entry);
    await journal.append('op_1', 'me', { ...entry, events: [...entry.events, ended('pool', 'second')] });
    await journal.append('op_1', 'me', { from: 4, events: [{ is: 'closed', at }], isOver: false });
    expect((await other.read('op_1'))?.events.slice(1)).toEqual([
      listed(['7']),
      ended('pool', 'first'),
      ended('pool', 'second'),
      { is: 'closed', at },
    ]);
  });

  it('does not count what somebody acknowledged, whose first word stands', async () => {
    for (const id of ['op_1', 'op_2']) {
      await begin(journal, id, { targets: ['a'] });
      await add(journal, id, [started('a')]);
      await close(journal, id, { isOver: false });
    }
    const found = { at: '2026-11-21T08:00:00.000Z', requestedBy: 'ops', reason: 'it is gone' };
    expect(await journal.acknowledgements.acknowledge('op_1', found)).toEqual(found);
    expect(await other.acknowledgements.acknowledge('op_1', { ...found, reason: 'too late' })).toEqual(found);
    expect(await other.acknowledgements.of(['op_1', 'op_2'])).toEqual(new Map([['op_1', found]]));
    expect(await other.acknowledgements.of([])).toEqual(new Map());
    expect(await other.unsettled(at)).toEqual(new Map([['a', 1]]));
    // Whoever works on it writes on, and knows nothing of that.
    await add(journal, 'op_1', [{ is: 'over', at }], { isOver: true });
    expect(await other.unsettled(at)).toEqual(new Map([['a', 1]]));
  });

  it('counts what is unknown by target, until it is settled', async () => {
    const unknown = async (id: string, targets: readonly string[], begins: number): Promise<void> => {
      await begin(journal, id, { targets: [...targets, 'fine'], at: begins });
      await add(
        journal,
        id,
        targets.map((target) => started(target)),
      );
      await close(journal, id, { isOver: false });
    };
    await unknown('op_1', ['a', 'b'], at);
    await unknown('op_2', ['a'], at + 1000);
    await begin(journal, 'op_3', { targets: ['a'] });
    expect(await other.unsettled(at)).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
    expect(await other.unsettled(at + 1)).toEqual(new Map([['a', 1]]));
    const { events, operation } = (await journal.read('op_2'))!;
    const settled: OperationEvent = { is: 'verified', at, target: 'a', node: null, ids: null };
    const targets = operation.targets.map((target) => ({ ...target, state: 'succeeded' as const }));
    await add(journal, 'op_2', [settled], { record: { ...operation, targets } });
    expect(await other.unsettled(at)).toEqual(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    expect((await other.read('op_2'))?.events).toEqual([...events, settled]);
  });

  /** Deletes what was created before then. */
  const prune = (before: number, now = at, limit = 10) => other.prune({ now, before, dryRunsBefore: before }, limit);

  it('forgets what is over and old, a little at a time', async () => {
    const ids = ['op_1', 'op_2', 'op_3', 'op_4'];
    for (const [index, id] of ids.entries()) await begin(journal, id, { at: at + index * 1000 });
    for (const id of ['op_1', 'op_3', 'op_4']) await close(journal, id);
    expect(await prune(at)).toEqual({ operations: 0, isDone: true });
    expect(await prune(at + 3000, at, 1)).toEqual({ operations: 1, isDone: false });
    expect(await idsOf(journal)).toEqual(['op_4', 'op_3', 'op_2']);
    expect(await prune(at + 3000)).toEqual({ operations: 1, isDone: true });
    expect(await idsOf(journal)).toEqual(['op_4', 'op_2']);
    expect(await journal.read('op_1')).toBeUndefined();
    expect(await idsOf(journal, { targets: ['pool'] })).toEqual(['op_4', 'op_2']);
  });

  it('forgets dry runs sooner than what was done', async () => {
    for (const id of ['op_1', 'op_2']) {
      await begin(journal, id, { header: { dryRun: id === 'op_1' } });
      await close(journal, id);
    }
    const retention = { now: at, before: 0, dryRunsBefore: at + 1 };
    expect(await other.prune(retention, 10)).toEqual({ operations: 1, isDone: true });
    expect([await journal.read('op_1'), (await journal.read('op_2'))?.operation.id]).toEqual([undefined, 'op_2']);
  });

  it('forgets the oldest that are over where there is too much, no more than needed', async () => {
    const note = 'x'.repeat(10_000);
    expect(await other.usage()).toMatchObject({ operations: 0, oldestAt: null });
    for (const [index, id] of ['op_1', 'op_2', 'op_3', 'op_4'].entries()) {
      await begin(journal, id, { at: at + index });
      if (id === 'op_1') continue;
      await add(journal, id, [ended('pool', note)]);
      await close(journal, id);
    }
    const { operations, bytes, oldestAt } = await other.usage();
    expect({ operations, oldestAt }).toEqual({ operations: 4, oldestAt: at });
    expect(bytes).toBeGreaterThan(3 * 10_000);
    expect(await other.pruneOldest(1000, 10)).toBe(1);
    expect(await idsOf(journal)).toEqual(['op_4', 'op_3', 'op_1']);
    expect(await other.pruneOldest(1_000_000, 1)).toBe(1);
    expect(await other.pruneOldest(1_000_000, 10)).toBe(1);
    expect(await other.pruneOldest(1_000_000, 10)).toBe(0);
    expect(await idsOf(journal)).toEqual(['op_1']);
  });

  it('can be written', async () => {
    await journal.check(at, false);
    await other.check(at + 1, true);
  });

  describe('a cancel request', () => {
    const request = { reason: 'wrong pool', requestedBy: 'sue', at };

    it('is told to who works on the operation, by the next word of his and when he asks; the first counts', async () => {
      await begin(journal, 'op_1');
      await begin(journal, 'op_2');
      const append = (from: number) => journal.append('op_1', 'me', { from, events: [started()], isOver: false });
      expect(await append(1)).toBeUndefined();
      const answer = { is: 'requested', request };
      expect(await other.brakes.requestCancel('op_1', request)).toEqual(answer);
      expect(await journal.brakes.requestCancel('op_1', { ...request, requestedBy: 'joe' })).toEqual(answer);
      expect(await append(2)).toEqual(request);
      expect(await journal.brakes.cancelRequests('me')).toEqual(new Map([['op_1', request]]));
      expect(await journal.brakes.cancelRequests('you')).toEqual(new Map());
    });

    it('comes too late once the operation is closed, even if that is watched on', async () => {
      await begin(journal, 'op_1');
      await begin(journal, 'op_2');
      await other.brakes.requestCancel('op_1', request);
      await close(journal, 'op_1', { isOver: false });
      await close(journal, 'op_2');
      for (const id of ['op_1', 'op_2']) expect(await other.brakes.requestCancel(id, request)).toEqual({ is: 'over' });
      expect(await other.brakes.requestCancel('op_3', request)).toEqual({ is: 'absent' });
    });

    it('goes along to who takes the operation over', async () => {
      await begin(journal, 'op_1');
      await journal.brakes.requestCancel('op_1', request);
      const later = at + 40_000;
      expect(await other.adopt({ owner: 'you', now: later, until: later + 30_000 }, 10)).toEqual(['op_1']);
      expect(await other.brakes.cancelRequests('you')).toEqual(new Map([['op_1', request]]));
    });
  });

  it('keeps freezes until they end or are ended', async () => {
    const freeze = (id: string, more: Partial<Freeze> = {}): Freeze => ({
      id,
      targets: ['pool'],
      labels: null,
      reason: 'audit',
      requestedBy: 'root',
      createdAt: at,
      until: at + 10_000,
      ...more,
    });
    const [first, second] = [freeze('f_2'), freeze('f_1', { targets: null, labels: { team: 'a' }, createdAt: at + 1 })];
    await journal.brakes.freeze(first);
    await journal.brakes.freeze({ ...second, until: at + 20_000 });
    expect(await other.brakes.freezes(at + 9999)).toEqual([first, { ...second, until: at + 20_000 }]);
    expect((await other.brakes.freezes(at + 10_000)).map(({ id }) => id)).toEqual(['f_1']);
    expect(await other.brakes.unfreeze('f_2', at + 10_000)).toBe(false);
    expect(await other.brakes.unfreeze('f_1', at + 10_000)).toBe(true);
    expect(await other.brakes.unfreeze('f_1', at + 10_000)).toBe(false);
    await prune(0, at + 20_000);
    expect(await journal.brakes.freezes(at)).toEqual([]);
  });

  it('forgets claims and kills that count no longer', async () => {
    const spending = [{ target: 'a', count: 1, perMinute: 10 }];
    const claims = [claim('key', 'old', { expiresAt: at + 10 }), claim('key', 'new'), claim('flush', 'a')];
    await begin(journal, 'op_1', { claims, spending });
    await prune(0, at + 10);
    expect(await other.held('key', 'old', at)).toBeUndefined();
    expect(await other.held('key', 'new', at)).toMatchObject({ operation: 'op_1' });
    expect(await other.held('flush', 'a', at)).toMatchObject({ operation: 'op_1' });
    expect(await journal.spent('a', at + 59_999)).toBe(1);
    await prune(0, at + 60_000);
    expect(await journal.spent('a', at)).toBe(0);
  });
});
