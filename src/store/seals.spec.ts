import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fold } from '../core/record/fold.js';
import type { MadeSeal } from '../core/record/seals.js';
import { specEngines, type SpecStore } from './spec-engines.js';
import { add, at, begin, close, listed, prepared } from './spec-operations.js';
import { entriesOf, hashOfSeal, type SealMember } from './sql/seal-format.js';
import type { SqlJournal } from './sql/sql.journal.js';

const engines = specEngines('seals');
const minute = 60_000;
const day = 86_400_000;

describe.each(Object.keys(engines))('the seals of a store on %s', (engine) => {
  let store: SpecStore;
  let journal: SqlJournal;

  beforeAll(async () => {
    store = await engines[engine]!(':memory:');
    journal = store.journal();
  });

  afterAll(() => store.close());

  async function seal(now: number, limit = 100): Promise<MadeSeal> {
    const sealing = await journal.seals.sealNext(now, limit);
    if (sealing.is !== 'sealed') throw new Error(`It says ${sealing.is}.`);
    return sealing.seal;
  }

  const numbers = async () =>
    (await store.rows('select number from seals order by number')).map(({ number }) => number);

  async function membersOf(number: number): Promise<readonly SealMember[]> {
    const rows = await store.rows(`select body from seal_members where seal = ${String(number)} order by operation`);
    return rows.map(({ body }) => JSON.parse(String(body)) as SealMember);
  }

  it('hold what is over, each operation once, and follow each other', async () => {
    await begin(journal, 'op_1');
    await begin(journal, 'op_2');
    expect(await journal.seals.sealNext(at, 100)).toEqual({ is: 'done', at });
    await add(journal, 'op_1', [listed(['1'])]);
    await close(journal, 'op_1');
    expect(await journal.seals.waiting()).toBe(1);
    const first = await seal(at + minute);
    expect(first).toEqual({
      number: 1,
      at: new Date(at + minute).toISOString(),
      previous: null,
      operations: 1,
      digest: first.digest,
      newestAt: new Date(at).toISOString(),
      keptSince: null,
      dryRunsKeptSince: null,
      firstSeal: 1,
      hash: first.hash,
    });
    const [row] = await store.rows('select body, hash from seals');
    expect([row?.['hash'], hashOfSeal(String(row?.['body']))]).toEqual([first.hash, first.hash]);
    const [member] = await membersOf(1);
    expect(entriesOf(member!).map(({ seq, isChained }) => [seq, isChained])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    await close(journal, 'op_2');
    const second = await seal(at + 2 * minute);
    expect(second).toMatchObject({ number: 2, previous: first.hash, operations: 1 });
    expect(await journal.seals.sealNext(at, 100)).toEqual({ is: 'done', at });
    expect(await journal.seals.waiting()).toBe(0);
    expect(await journal.seals.last(at + 3 * minute)).toEqual({ at: at + 2 * minute, now: at + 3 * minute });
  });

  it('hold no more than they should, those with the lowest ids', async () => {
    for (const id of ['op_5', 'op_4', 'op_3']) {
      await begin(journal, id);
      await close(journal, id);
    }
    const { number } = await seal(at, 2);
    expect((await membersOf(number)).map(({ operation }) => operation)).toEqual(['op_3', 'op_4']);
    expect((await seal(at, 2)).operations).toBe(1);
  });

  it('are one chain, however many replicas make them at once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `op_many_${String(index)}`);
    for (const id of ids) {
      await begin(journal, id);
      await close(journal, id);
    }
    const before = await numbers();
    const replicas = Array.from({ length: 5 }, () => store.journal().seals);
    let made: readonly MadeSeal[] = [];
    while ((await journal.seals.waiting()) > 0) {
      const all = await Promise.all(replicas.map((seals) => seals.sealNext(at, 7)));
      made = [...made, ...all.flatMap((one) => (one.is === 'sealed' ? [one.seal] : []))];
    }
    expect(made.map(({ operations }) => operations)).toEqual([7, 7, 6]);
    expect(await numbers()).toEqual([...before, 1, 2, 3].map((_, index) => index + 1));
    const rows = await store.rows('select body, hash from seals order by number');
    const chain = rows.map(({ body }) => (JSON.parse(String(body)) as MadeSeal).previous);
    expect(chain).toEqual([null, ...rows.slice(0, -1).map(({ hash }) => hash)]);
  });

  it('hold what an older release ended, and wait for nothing that one deleted', async () => {
    await begin(journal, 'op_old');
    await add(journal, 'op_old', [listed(['1'])]);
    await store.run(`update events set hash = null, record_hash = null where operation = 'op_old' and seq = 1`);
    await store.run(`update operations set is_over = 1, owner = null where id = 'op_old'`);
    const { number } = await seal(at);
    const [member] = await membersOf(number);
    expect(entriesOf(member!).map(({ isChained }) => isChained)).toEqual([true, false]);
    await begin(journal, 'op_gone');
    await store.run(`delete from operations where id = 'op_gone';\ndelete from events where operation = 'op_gone'`);
    await journal.prune({ now: at, before: 0, dryRunsBefore: 0 }, 100);
    expect(await store.rows('select operation from unsealed')).toEqual([]);
  });

  it('say since when all is kept, and go with what they hold, but for the last', async () => {
    await begin(journal, 'op_young', { header: { createdAt: new Date(at + 10 * day).toISOString() } });
    await close(journal, 'op_young');
    const { number } = await seal(at + 10 * day);
    const retention = { now: at + 20 * day, before: at + day, dryRunsBefore: at + 2 * day };
    expect((await journal.prune(retention, 2)).isDone).toBe(false);
    expect(await numbers()).toEqual(Array.from({ length: number - 2 }, (_, index) => index + 3));
    while (!(await journal.prune(retention, 100)).isDone);
    expect(await numbers()).toEqual([number]);
    expect((await membersOf(number)).map(({ operation }) => operation)).toEqual(['op_young']);
    expect(await store.rows(`select * from seal_members where seal < ${String(number)}`)).toEqual([]);
    await begin(journal, 'op_younger', { header: { createdAt: new Date(at + 11 * day).toISOString() } });
    await close(journal, 'op_younger');
    expect(await seal(at + 20 * day)).toMatchObject({
      number: number + 1,
      keptSince: new Date(at + day).toISOString(),
      dryRunsKeptSince: new Date(at + 2 * day).toISOString(),
      firstSeal: number,
    });
    // Whatever the configuration says by then.
    await journal.prune({ ...retention, before: 0 }, 100);
    expect(await journal.pruneOldest(1, 1)).toBe(1);
    await journal.prune({ ...retention, before: 0 }, 100);
    expect(await numbers()).toEqual([number + 1]);
    expect(await store.rows('select kept_since from prunings')).toEqual([{ kept_since: at + 10 * day + 1 }]);
  });

  it('hold nothing that waits for an approval', async () => {
    const first = prepared('op_waits');
    const more = [listed(['1'])];
    const record = { ...fold([first, ...more]), state: 'awaitingApproval' as const };
    const awaiting = { from: 1, events: more, record, isOver: true };
    await journal.open(first, { claims: [], spending: [], awaiting }, { owner: 'me', now: at, until: at + minute });
    expect(await journal.seals.waiting()).toBe(0);
  });
});
