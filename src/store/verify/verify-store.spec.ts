import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fold } from '../../core/record/fold.js';
import type { MadeSeal } from '../../core/record/seals.js';
import { specEngines, type SpecStore } from '../spec-engines.js';
import { add, at, begin, close, ended, lease, listed, prepared } from '../spec-operations.js';
import { hashOfEntry, hashOfRecord, noHash } from '../sql/entry-hash.js';
import { digestOf, hashOfSeal, memberOf } from '../sql/seal-format.js';
import { entryOf } from '../sql/sql.seals.js';
import type { Finding } from './findings.js';
import type { VerifyReport } from './report.js';
import { verifyStore } from './verify-store.js';

const engines = specEngines('verifying the record');
const minute = 60_000;
const day = 86_400_000;
const tables = [
  'operations',
  'events',
  'operation_targets',
  'operation_processes',
  'unsealed',
  'seals',
  'seal_members',
  'prunings',
];

describe.each(Object.keys(engines))('the record of a store on %s', (engine) => {
  let folder: string;
  let store: SpecStore;
  let log: string;
  const logged: MadeSeal[] = [];

  async function seal(minutes: number, limit = 100): Promise<void> {
    const sealing = await store.journal().seals.sealNext(at + minutes * minute, limit);
    if (sealing.is !== 'sealed') throw new Error(`It says ${sealing.is}.`);
    logged.push(sealing.seal);
  }

  /** An operation of five entries that is over: 0, 1, 2 to 3, 4, 5 to 6. */
  async function run(id: string, createdAt = at): Promise<void> {
    const journal = store.journal();
    await begin(journal, id, { header: { createdAt: new Date(createdAt).toISOString() } });
    for (const events of [[listed(['1', '2'])], [listed(['3']), ended()], [listed(['4'])]])
      await add(journal, id, events);
    await close(journal, id);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
    store = await engines[engine]!(join(folder, 'sluice.db'));
    const journal = store.journal();
    await run('op_1');
    await run('op_2', at + 10);
    await seal(1);
    await run('op_3');
    await seal(2);
    // One that another replica took over, and one that nobody approved.
    await begin(journal, 'op_4');
    await add(journal, 'op_4', [listed(['1'])]);
    await journal.adopt({ owner: 'you', now: lease.until, until: lease.until + 1 }, 10);
    await add(store.journal(), 'op_4', [ended()], { owner: 'you' });
    await add(store.journal(), 'op_4', [{ is: 'closed', at }], {
      owner: 'you',
      record: fold([prepared('op_4'), listed(['1']), ended(), { is: 'closed', at }]),
      isOver: true,
    });
    const first = prepared('op_5');
    const record = { ...fold([first, ended()]), state: 'awaitingApproval' as const };
    const awaiting = { from: 1, events: [ended()], record, isOver: true };
    await journal.open(first, { claims: [], spending: [], awaiting }, lease);
    const events = [
      { is: 'closed', at },
      { is: 'over', at },
    ] as const;
    await journal.approvals.close(
      { operation: 'op_5', from: 2, events, isDue: false },
      fold([first, ended(), ...events]),
    );
    await seal(3);
    // One that runs, one that waits for an approval, and one of an older release.
    await begin(journal, 'op_running');
    for (const id of ['1', '2', '3']) await add(journal, 'op_running', [listed([id])]);
    await journal.open(
      prepared('op_waits'),
      { claims: [], spending: [], awaiting: { ...awaiting, record: { ...record, id: 'op_waits' } } },
      lease,
    );
    await run('op_old');
    await store.run(`update events set hash = null, record_hash = null where operation = 'op_old'`);
    await store.run(`delete from unsealed where operation = 'op_old'`);
    log = join(folder, 'audit.log');
    const lines = logged.map(
      (one) => `2026-12-01T00:00:00Z stdout F ${JSON.stringify({ level: 'info', audit: 'seal', ...one })}`,
    );
    writeFileSync(log, ['{"audit":"operation"}', ...lines, ''].join('\n'));
    await store.run(tables.map((table) => `create table saved_${table} as select * from ${table}`).join(';\n'));
  });

  afterEach(() =>
    store.run(
      tables.map((table) => `delete from ${table};\ninsert into ${table} select * from saved_${table}`).join(';\n'),
    ),
  );

  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function verify(seals: string | null = null, now = at + 4 * minute): Promise<VerifyReport> {
    const place = engine === 'sqlite' ? { path: store.place } : { url: store.place };
    const { text, valid } = await verifyStore({ store: place, seals, json: true, now });
    const report = JSON.parse(text) as VerifyReport;
    expect(report.valid).toBe(valid);
    return report;
  }

  const first = async (seals: string | null = null): Promise<Partial<Finding> | null> => (await verify(seals)).first;
  const event = (operation: string, seq: number) => `operation = '${operation}' and seq = ${String(seq)}`;
  const entriesOf = async (operation: string) =>
    (await store.rows(`select * from events where operation = '${operation}' order by seq`)).map((row) => ({
      ...entryOf(row),
      body: String(row['body']),
    }));

  /** Writes the chain of an operation anew, as its events are by now. */
  async function rechain(operation: string, from: number): Promise<void> {
    let before = noHash;
    for (const entry of await entriesOf(operation)) {
      before = hashOfEntry({ before, operation, ...entry });
      if (entry.seq >= from)
        await store.run(`update events set hash = '${before}' where ${event(operation, entry.seq)}`);
    }
  }

  /** Writes all seals from one on anew, as their operations are by now. */
  async function reseal(from: number): Promise<void> {
    const rows = await store.rows(`select * from seals where number >= ${String(from)} order by number`);
    let [previous] = (await store.rows(`select hash from seals where number = ${String(from - 1)}`)).map(({ hash }) =>
      String(hash),
    );
    for (const { number, body } of rows) {
      const says = JSON.parse(String(body)) as MadeSeal;
      const members = await store.rows(`select * from seal_members where seal = ${String(number)} order by operation`);
      const texts: string[] = [];
      for (const { operation, body: member } of members) {
        const { createdAt, dryRun } = JSON.parse(String(member)) as { createdAt: number; dryRun: number };
        const text = JSON.stringify(
          memberOf(String(operation), await entriesOf(String(operation)), { createdAt, dryRun }),
        );
        texts.push(text);
        await store.run(`update seal_members set body = '${text}' where operation = '${String(operation)}'`);
      }
      const written = JSON.stringify({
        ...says,
        previous: previous ?? null,
        operations: texts.length,
        digest: digestOf(texts),
      });
      previous = hashOfSeal(written);
      await store.run(`update seals set body = '${written}', hash = '${previous}' where number = ${String(number)}`);
    }
  }

  const remove = (operation: string) =>
    ['events', 'operation_targets', 'operation_processes']
      .map((table) => `delete from ${table} where operation = '${operation}'`)
      .concat(`delete from operations where id = '${operation}'`)
      .join(';\n');
  const edited = `body = replace(body, 'somebody', 'nobody_s')`;

  it('is valid as it was written: taken over, not approved, running, waiting, and by an older release', async () => {
    const { counts, ...report } = await verify(log);
    expect(report).toMatchObject({ valid: true, first: null, found: 0, lastSeal: { number: 3 } });
    expect(counts).toEqual({
      ...{ seals: 3, sealed: 5, entries: 5 * 3 + 4 + 3, pruned: 0, unannounced: 0, jumps: 0 },
      ...{ waiting: 2, older: 1, late: 0, compared: 3 },
    });
    const { text } = await verifyStore({
      store: engine === 'sqlite' ? { path: store.place } : { url: store.place },
      ...{ seals: log, json: false, now: at },
    });
    expect(text).toMatch(
      /^The record is valid\.\n {2}3 seals, the last is 3 of 2026-11-21T00:03:00\.000Z, [0-9a-f]{64}\n/,
    );
  });

  const changed = (seq: number, operation = 'op_1', seal: number | null = 1): Partial<Finding> => ({
    what: 'event',
    is: 'changed',
    operation,
    event: seq,
    seal,
  });

  it.each<[string, string | (() => Promise<void>), Partial<Finding>]>([
    ['an event was changed', `update events set ${edited} where ${event('op_1', 1)}`, changed(1)],
    ['a later event was changed', `update events set ${edited} where ${event('op_3', 4)}`, changed(4, 'op_3', 2)],
    [
      'an event and its hash were changed',
      async () => {
        await store.run(`update events set ${edited} where ${event('op_1', 1)}`);
        const [, entry] = await entriesOf('op_1');
        const [before] = await entriesOf('op_1');
        const hash = hashOfEntry({ before: before!.hash!, operation: 'op_1', ...entry! });
        await store.run(`update events set hash = '${hash}' where ${event('op_1', 1)}`);
      },
      changed(1),
    ],
    [
      'an event and all hashes after it were changed',
      async () => {
        await store.run(`update events set ${edited} where ${event('op_1', 1)}`);
        await rechain('op_1', 1);
      },
      changed(1),
    ],
    ['a hash was changed', `update events set hash = '${'0'.repeat(64)}' where ${event('op_1', 2)}`, changed(2)],
    ['a hash was removed', `update events set hash = null where ${event('op_1', 2)}`, changed(2)],
    ['all hashes were removed', `update events set hash = null, record_hash = null`, changed(0)],
    ['the first event was removed', `delete from events where ${event('op_1', 0)}`, { ...changed(0), is: 'removed' }],
    ['a middle event was removed', `delete from events where ${event('op_1', 2)}`, { ...changed(2), is: 'removed' }],
    ['the last event was removed', `delete from events where ${event('op_1', 5)}`, { ...changed(5), is: 'removed' }],
    [
      'an event was added, with its hash',
      async () => {
        const before = (await entriesOf('op_2')).at(-1)!.hash!;
        const more = { seq: 8, recordHash: null, body: '[{"is":"over","at":1}]' };
        const hash = hashOfEntry({ before, operation: 'op_2', ...more });
        await store.run(
          `insert into events (operation, seq, body, hash) values ('op_2', 8, '${more.body}', '${hash}')`,
        );
      },
      { ...changed(8, 'op_2'), is: 'added' },
    ],
    [
      'two events changed places',
      `update events set seq = 99 where ${event('op_1', 1)};
      update events set seq = 1 where ${event('op_1', 4)};
      update events set seq = 4 where ${event('op_1', 99)}`.replaceAll(/;\s+/g, ';\n'),
      changed(1),
    ],
    [
      'an event was moved to another operation',
      `update events set operation = 'op_2', seq = 9 where ${event('op_1', 1)}`,
      { ...changed(1), is: 'removed' },
    ],
    [
      'who asked was changed',
      `update events set body = replace(body, '"app"', '"sue"') where ${event('op_1', 0)}`,
      changed(0),
    ],
    [
      'who asked was changed where lists look',
      `update operations set requested_by = 'sue' where id = 'op_1'`,
      { what: 'operation', is: 'changed', operation: 'op_1', seal: 1 },
    ],
    [
      'the record was changed',
      `update operations set record = replace(record, '"app"', '"sue"') where id = 'op_1'`,
      { what: 'record', is: 'changed', operation: 'op_1', seal: 1 },
    ],
    [
      'the summary was changed',
      `update operations set summary = '{}' where id = 'op_1'`,
      { what: 'record', is: 'changed' },
    ],
    [
      'the record was removed',
      `update operations set record = null where id = 'op_1'`,
      { what: 'record', is: 'removed' },
    ],
    [
      'the record and its hashes were changed',
      async () => {
        await store.run(`update operations set record = replace(record, 'app', 'sue') where id = 'op_1'`);
        const [row] = await store.rows(`select record, summary from operations where id = 'op_1'`);
        const hash = hashOfRecord(String(row?.['record']), String(row?.['summary']));
        await store.run(`update events set record_hash = '${hash}' where ${event('op_1', 5)}`);
        await rechain('op_1', 5);
      },
      changed(5),
    ],
    [
      'the state was changed',
      `update operations set state = 'partial' where id = 'op_1'`,
      { what: 'operation', is: 'changed' },
    ],
    [
      'an operation was hidden from lists by target',
      `delete from operation_targets where operation = 'op_1'`,
      { what: 'search', is: 'changed', operation: 'op_1' },
    ],
    [
      'an operation was hidden from lists by process',
      `delete from operation_processes where operation = 'op_1' and process_id = '3'`,
      { what: 'search', is: 'changed', operation: 'op_1' },
    ],
    ['an operation was removed', remove('op_1'), { what: 'operation', is: 'removed', operation: 'op_1', seal: 1 }],
    [
      'the row of an operation was removed',
      `delete from operations where id = 'op_1'`,
      { what: 'operation', is: 'removed' },
    ],
    [
      'an operation was removed, and what its seal holds of it',
      `${remove('op_1')};\ndelete from seal_members where operation = 'op_1'`,
      { what: 'seal', is: 'removed', seal: 1 },
    ],
    [
      'an operation was made a dry run, which is not kept for long',
      `update operations set dry_run = 1 where id = 'op_1'`,
      { what: 'operation', is: 'changed', operation: 'op_1' },
    ],
    [
      'an operation was added',
      `insert into operations (id, kind, state, requested_by, request_id, dry_run, created_at, is_over)
        select 'op_new', kind, state, requested_by, request_id, dry_run, created_at, is_over from operations where id = 'op_1';
      insert into events (operation, seq, body, hash) values ('op_new', 0, '[]', '${hashOfEntry({ before: noHash, operation: 'op_new', seq: 0, recordHash: null, body: '[]' })}')`.replaceAll(
        /;\s+/g,
        ';\n',
      ),
      { what: 'operation', is: 'added', operation: 'op_new', seal: null },
    ],
    [
      'events of no operation were added',
      `insert into events (operation, seq, body) values ('op_none', 0, '[]')`,
      { what: 'event', is: 'added', operation: 'op_none', event: 0 },
    ],
    [
      'a seal was changed',
      `update seals set body = replace(body, 'number', 'nombre') where number = 2`,
      { what: 'seal', is: 'changed', seal: 2 },
    ],
    [
      'a seal and its hash were changed',
      async () => {
        const [row] = await store.rows('select body from seals where number = 2');
        const body = JSON.stringify({ ...(JSON.parse(String(row?.['body'])) as MadeSeal), more: 1 });
        await store.run(`update seals set body = '${body}', hash = '${hashOfSeal(body)}' where number = 2`);
      },
      { what: 'seal', is: 'changed', seal: 2 },
    ],
    ['the first seal was removed', `delete from seals where number = 1`, { what: 'seal', is: 'removed', seal: 1 }],
    ['a middle seal was removed', `delete from seals where number = 2`, { what: 'seal', is: 'removed', seal: 2 }],
    ['the last seal was removed', `delete from seals where number = 3`, { what: 'seal', is: 'removed', seal: 3 }],
    [
      'the last seal was removed, and all that it holds',
      `delete from seals where number = 3;\ndelete from seal_members where seal = 3`,
      { what: 'operation', is: 'added', operation: 'op_4' },
    ],
    [
      'what a seal holds was changed',
      `update seal_members set body = replace(body, ':', ': ') where operation = 'op_2'`,
      { what: 'seal', is: 'changed', seal: 1 },
    ],
    [
      'an event that is in no seal yet was changed',
      `update events set ${edited} where ${event('op_running', 2)}`,
      changed(2, 'op_running', null),
    ],
    [
      'an event that is in no seal yet was removed',
      `delete from events where ${event('op_running', 2)}`,
      { ...changed(2, 'op_running', null), is: 'removed' },
    ],
  ])('is not where %s', async (_what, tamper, expected) => {
    if (typeof tamper === 'string') await store.run(tamper);
    else await tamper();
    expect(await first()).toMatchObject(expected);
  });

  describe('is not, as the seals of the audit log tell, where', () => {
    it('the last seal was removed, and its operations wait for another', async () => {
      await store.run(
        `insert into unsealed (operation) select operation from seal_members where seal = 3;
        delete from seal_members where seal = 3;
        delete from seals where number = 3`.replaceAll(/;\s+/g, ';\n'),
      );
      expect(await first()).toBeNull();
      expect(await first(log)).toMatchObject({ what: 'seal', is: 'removed', seal: 3 });
    });

    it('all of it was written anew, from an event on', async () => {
      await store.run(`update events set ${edited} where ${event('op_3', 4)}`);
      await rechain('op_3', 4);
      await reseal(2);
      expect(await first()).toBeNull();
      expect(await first(log)).toMatchObject({ what: 'seal', is: 'changed', seal: 2 });
    });

    it('everything was removed, seals and all', async () => {
      await store.run(tables.map((table) => `delete from ${table}`).join(';\n'));
      expect(await first()).toBeNull();
      expect(await first(log)).toMatchObject({ what: 'seal', is: 'removed', seal: 1 });
    });

    it('what is older was said to be deleted because of age', async () => {
      await store.run(
        `${remove('op_1')};\n${remove('op_2')};\ndelete from seal_members where seal < 3;
        delete from seals where number < 3;
        insert into prunings values (1, ${String(at + 5)}, 0, 3)`.replaceAll(/;\s+/g, ';\n'),
      );
      expect(await first(log)).toMatchObject({ what: 'seal', is: 'removed', seal: 1 });
    });
  });

  it('is valid at every moment while replicas write, go on with what others began, seal and delete', async () => {
    let isOver = false;
    const journals = Array.from({ length: 4 }, () => store.journal());
    const writes = journals.map(async (journal, lane) => {
      for (let made = 0; made < 15; made += 1) {
        const id = `op_live_${String(lane)}_${String(made)}`;
        await begin(journal, id, { at: at + made, header: { dryRun: made % 3 === 0 } });
        await add(journal, id, [listed([id])]);
        // Another replica goes on, as if it had taken it over.
        await add(journals[(lane + made) % 4]!, id, [ended('pool', 'first')]);
        await close(store.journal(), id);
      }
    });
    const until = async (work: () => Promise<unknown>): Promise<void> => {
      // Reading a file takes no turn of the event loop: others must come to theirs.
      for (; !isOver; await new Promise((resolve) => setImmediate(resolve))) await work();
    };
    const seals = journals.slice(2).map((journal) => until(() => journal.seals.sealNext(at + 9 * minute, 5)));
    const prunes = until(() => journals[0]!.prune({ now: at, before: 0, dryRunsBefore: at + minute }, 3));
    const reports: VerifyReport[] = [];
    const verifies = until(async () => reports.push(await verify(null, at + 9 * minute)));
    await Promise.all(writes).finally(() => {
      isOver = true;
    });
    await Promise.all([...seals, prunes, verifies]);
    while ((await journals[0]!.seals.sealNext(at + 9 * minute, 100)).is === 'sealed');
    reports.push(await verify());
    expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
    expect(reports.length).toBeGreaterThan(2);
    expect(reports.at(-1)?.counts).toMatchObject({ waiting: 2, older: 1 });
    expect(Number(reports.at(-1)?.counts.pruned)).toBeGreaterThan(0);
  });

  it('is valid where retention deleted what was old', async () => {
    const now = at + 40 * day;
    await run('op_6', now - day);
    await store.journal().prune({ now, before: at + 5, dryRunsBefore: at + 5 }, 100);
    await seal(40 * 24 * 60);
    const { valid, counts, keptSince, findings } = await verify(log, now + minute);
    expect([findings, valid, keptSince]).toEqual([[], true, new Date(at + 5).toISOString()]);
    // Of seal 1 one is younger: so all seals are kept.
    expect(counts).toMatchObject({ seals: 4, pruned: 4, unannounced: 0 });
    logged.pop();
  });

  it('tells what is said to be deleted, where no seal says so', async () => {
    await store.run(`${remove('op_1')};\ninsert into prunings values (1, ${String(at + 5)}, 0, 1)`);
    const { valid, counts } = await verify(log);
    expect([valid, counts.pruned, counts.unannounced]).toEqual([true, 1, 1]);
    // The next seal does, although nothing else is to be sealed.
    await store.run(`update prunings set kept_since = ${String(at + 9)}`);
    await seal(5);
    expect(logged.pop()).toMatchObject({ operations: 0, keptSince: new Date(at + 9).toISOString() });
    expect(await store.journal().seals.sealNext(at + 6 * minute, 10)).toMatchObject({ is: 'done' });
  });
});
