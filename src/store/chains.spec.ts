import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fold } from '../core/record/fold.js';
import { specEngines, type SpecStore } from './spec-engines.js';
import { add, at, begin, close, ended, lease, listed, prepared } from './spec-operations.js';
import { hashOfEntry, hashOfRecord, noHash } from './sql/entry-hash.js';

const engines = specEngines('the chain of an operation');

describe.each(Object.keys(engines))('the events of an operation on %s', (engine) => {
  let store: SpecStore;

  beforeAll(async () => {
    store = await engines[engine]!(':memory:');
  });

  afterAll(() => store.close());

  const journalOf = () => store.journal();
  const rowsOf = (operation: string) =>
    store.rows(
      `select e.*, o.record, o.summary from events as e join operations as o on o.id = e.operation
        where e.operation = '${operation}' order by seq`,
    );

  /** Gives the places of the entries, all of which have the hash that they should. */
  async function chainOf(operation: string): Promise<readonly number[]> {
    const rows = await rowsOf(operation);
    let before = noHash;
    for (const { seq, body, hash, record_hash } of rows) {
      const recordHash = record_hash as string | null;
      before = hashOfEntry({ before, operation, seq: Number(seq), recordHash, body: String(body) });
      expect([seq, hash]).toEqual([seq, before]);
    }
    const { record, summary, record_hash } = rows.at(-1)!;
    expect(record_hash).toBe(record === null ? null : hashOfRecord(String(record), String(summary)));
    return rows.map(({ seq }) => Number(seq));
  }

  it('are a chain, with the record that was written along', async () => {
    const journal = journalOf();
    await begin(journal, 'op_1');
    await add(journal, 'op_1', [listed(['1', '2']), ended()]);
    await add(journal, 'op_1', [listed(['\u0000\ud800 é'])]);
    await close(journal, 'op_1');
    expect(await chainOf('op_1')).toEqual([0, 1, 3, 4]);
  });

  it('are one where an entry is written again, and longer', async () => {
    const journal = journalOf();
    await begin(journal, 'op_2');
    const entry = { from: 1, events: [listed(['7'])], isOver: false };
    await journal.append('op_2', 'me', entry);
    await journal.append('op_2', 'me', { ...entry, events: [...entry.events, ended()] });
    // A try that was given up and comes late.
    await journalOf()
      .append('op_2', 'me', entry)
      .catch(() => undefined);
    await close(journal, 'op_2');
    expect(await chainOf('op_2')).toEqual([0, 1, 3]);
  });

  it('are one where another replica goes on with them', async () => {
    const [journal, other] = [journalOf(), journalOf()];
    await begin(journal, 'op_3');
    await add(journal, 'op_3', [listed(['1'])]);
    const later = { owner: 'you', now: lease.until, until: lease.until + 30_000 };
    await other.adopt(later, 10);
    await add(other, 'op_3', [listed(['2'])], { owner: 'you' });
    await add(other, 'op_3', [listed(['3'])], { owner: 'you' });
    expect(await chainOf('op_3')).toEqual([0, 1, 2, 3]);
  });

  it('are one from an approval to the end, whichever replica takes the next step', async () => {
    const first = prepared('op_4');
    const awaiting = {
      ...({ is: 'awaiting', at, expiresAt: at + 60_000, credential: null } as const),
      needs: { action: 'approve', targets: ['pool'], notBy: [] } as const,
      asked: { mode: 'graceful', node: null, minIdleSeconds: null, mass: ['pool'] } as const,
    };
    const entry = { from: 1, events: [awaiting], record: fold([first, awaiting]), isOver: true };
    const none = { claims: [], spending: [] };
    await journalOf().open(first, { ...none, awaiting: entry }, lease);
    expect(await chainOf('op_4')).toEqual([0, 1]);
    const decided = { is: 'decided', at, decision: 'approved', by: 'sue', reason: null } as const;
    const decision = { operation: 'op_4', from: 2, events: [decided], isDue: false };
    const other = journalOf();
    expect(await other.approvals.approve(decision, none, { ...lease, owner: 'you' })).toEqual({ is: 'opened' });
    await add(other, 'op_4', [ended()], { owner: 'you' });
    expect(await chainOf('op_4')).toEqual([0, 1, 2, 3]);
  });

  it('are one where nobody approved', async () => {
    const first = prepared('op_5');
    const entry = { from: 1, events: [ended()], record: { ...fold([first]), state: 'awaitingApproval' as const } };
    await journalOf().open(first, { claims: [], spending: [], awaiting: { ...entry, isOver: true } }, lease);
    const events = [
      { is: 'closed', at },
      { is: 'over', at },
    ] as const;
    const decision = { operation: 'op_5', from: 2, events, isDue: false };
    expect(await journalOf().approvals.close(decision, fold([first, ended(), ...events]))).toBe(true);
    expect(await chainOf('op_5')).toEqual([0, 1, 2]);
  });

  it('go on as one from entries of a release that writes no hashes', async () => {
    const journal = journalOf();
    await begin(journal, 'op_6');
    await add(journal, 'op_6', [listed(['1'])]);
    const [, second] = await rowsOf('op_6');
    await store.run(`update events set hash = null where operation = 'op_6' and seq = 1`);
    await add(journalOf(), 'op_6', [listed(['2'])]);
    await store.run(`update events set hash = '${String(second?.['hash'])}' where operation = 'op_6' and seq = 1`);
    expect(await chainOf('op_6')).toEqual([0, 1, 2]);
  });
});
