import { describe, expect, it } from '@jest/globals';
import { LeaseLost } from '../../core/record/journal.js';
import { MemoryJournal } from './memory.journal.js';
import { add, at, begin, close, ended, idsOf } from '../spec-operations.js';

describe('the journal in memory', () => {
  it('keeps so many that are over, and all that are not', async () => {
    const journal = new MemoryJournal(2);
    for (const id of ['op_1', 'op_2', 'op_3', 'op_4', 'op_5']) await begin(journal, id);
    await close(journal, 'op_1', { isOver: false });
    for (const id of ['op_2', 'op_3', 'op_4']) await close(journal, id);
    expect(await idsOf(journal)).toEqual(['op_5', 'op_4', 'op_3', 'op_1']);
    expect(await journal.read('op_2')).toBeUndefined();
  });

  it('keeps fewer that are large, and the newest however large it is', async () => {
    const journal = new MemoryJournal(2);
    const targets = (count: number) => Array.from({ length: count }, (_, index) => `t${String(index)}`);
    for (const [id, count] of [
      ['op_1', 14],
      ['op_2', 14],
      ['op_3', 18],
      ['op_4', 9],
      ['op_5', 500],
    ] as const) {
      await begin(journal, id, { targets: targets(count) });
      await close(journal, id);
      if (id === 'op_2') expect(await idsOf(journal)).toEqual(['op_2', 'op_1']);
      if (id === 'op_3') expect(await idsOf(journal)).toEqual(['op_3']);
      if (id === 'op_4') expect(await idsOf(journal)).toEqual(['op_4', 'op_3']);
    }
    expect(await idsOf(journal)).toEqual(['op_5']);
  });

  it('keeps so many claims of those that it has let go, the newest, and all others', async () => {
    const journal = new MemoryJournal(1);
    const ids = ['op_1', 'op_2', 'op_3', 'op_4', 'op_5', 'op_6', 'op_7'];
    const claim = (name: string) => ({ scope: 'key', name, fingerprint: null, expiresAt: at + 60_000 }) as const;
    await begin(journal, 'op_0', { claims: [claim('op_0')] });
    for (const id of ids) {
      await begin(journal, id, { claims: [claim(id)] });
      await close(journal, id);
    }
    const held = async (now = at) => {
      const all = await Promise.all(['op_0', ...ids].map((id) => journal.held('key', id, now)));
      return all.flatMap((one) => one?.operation ?? []);
    };
    expect(await idsOf(journal)).toEqual(['op_7', 'op_0']);
    expect(await held()).toEqual(['op_0', 'op_3', 'op_4', 'op_5', 'op_6', 'op_7']);
    // What is taken anew is not that of one that was let go any more.
    await begin(journal, 'op_8', { claims: [claim('op_3')], at: at + 60_000 });
    for (const id of ['op_9', 'op_a']) {
      await begin(journal, id, { claims: [claim(id)] });
      await close(journal, id);
    }
    expect(await held()).toEqual(['op_0', 'op_8', 'op_5', 'op_6', 'op_7']);
    expect(await journal.prune({ now: at + 60_000, before: 0, dryRunsBefore: 0 }, 7)).toEqual({
      operations: 0,
      isDone: false,
    });
    expect(await held()).toEqual([]);
  });

  it('changes nothing any more once an operation is over', async () => {
    const journal = new MemoryJournal();
    await begin(journal, 'op_1');
    await close(journal, 'op_1');
    const before = await journal.read('op_1');
    expect(before?.events.map(({ is }) => is)).toEqual(['prepared', 'ended', 'closed']);
    expect(before?.operation).toMatchObject({ id: 'op_1', state: 'succeeded', requestedBy: 'app' });
    await expect(add(journal, 'op_1', [ended()])).rejects.toThrow(LeaseLost);
    expect(await journal.read('op_1')).toEqual(before);
  });
});
