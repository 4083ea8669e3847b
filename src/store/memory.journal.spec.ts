import { describe, expect, it } from '@jest/globals';
import { LeaseLost } from '../core/journal.js';
import { MemoryJournal } from './memory.journal.js';
import { add, begin, close, ended, idsOf } from './spec-operations.js';

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
