import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Journal } from '../core/record/journal.js';
import type { KeptRefusal } from '../core/record/refused-calls.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { specEngines } from './spec-engines.js';
import { at } from './spec-operations.js';

const day = 86_400_000;
const engines = specEngines('refused calls');

function call(id: string, more: Partial<KeptRefusal> = {}): KeptRefusal {
  return {
    ...{ id, at, lastAt: at, times: 1, kind: 'sessions.flush', mode: 'graceful', dryRun: false, requestedBy: 'app' },
    ...{ onBehalfOf: null, reason: null, requestId: 'r', targets: [], isWhole: true },
    problem: { code: 'forbidden', title: 't', status: 403, detail: 'd\0\ud800' },
    ...more,
  };
}

describe.each(['memory', ...Object.keys(engines)])('refused calls on %s', (engine) => {
  let journal: Journal;
  let close: () => Promise<void>;

  beforeAll(async () => {
    if (engine === 'memory') {
      journal = new MemoryJournal();
      close = () => journal.close();
    } else {
      const store = await engines[engine]!(':memory:');
      journal = store.journal();
      close = () => store.close();
    }
  });

  afterAll(() => close());

  const idsOf = async (query: object = {}) =>
    (await journal.refused.list({ dryRun: false, limit: 100, ...query })).map(({ id, times }) => `${id}*${times}`);

  it('are kept as they stand by now, found by all that is asked, and deleted after a week', async () => {
    await journal.refused.keep([
      call('refused_1'),
      call('refused_2', { requestedBy: 'o\0ther', at: at + 1000, requestId: 'r-2' }),
      call('refused_3', { kind: 'freezes.end', at: at + 2000 }),
      call('refused_4', { dryRun: true, at: at + 6 * day }),
    ]);
    await journal.refused.keep([call('refused_1', { times: 7 })]);
    expect(await idsOf()).toEqual(['refused_3*1', 'refused_2*1', 'refused_1*7']);
    expect(await idsOf({ dryRun: true })).toEqual(['refused_4*1']);
    expect(await idsOf({ limit: 1, after: 'refused_3' })).toEqual(['refused_2*1']);
    expect(await idsOf({ madeBy: 'app' })).toEqual(['refused_3*1', 'refused_1*7']);
    expect(await idsOf({ madeBy: 'app', requestedBy: 'x' })).toEqual([]);
    expect(await idsOf({ requestedBy: 'app', kind: 'freezes.end' })).toEqual(['refused_3*1']);
    expect(await idsOf({ requestId: 'r-2' })).toEqual(['refused_2*1']);
    expect(await idsOf({ since: at + 1000, until: at + 2000 })).toEqual(['refused_2*1']);
    const old = { before: at - 90 * day, dryRunsBefore: at - day };
    await journal.prune({ ...old, now: at + 7 * day }, 100);
    expect(await idsOf()).toEqual(['refused_3*1', 'refused_2*1', 'refused_1*7']);
    await journal.prune({ ...old, now: at + 7 * day + 1500 }, 1);
    await journal.prune({ ...old, now: at + 7 * day + 1500 }, 1);
    expect(await idsOf()).toEqual(['refused_3*1']);
    // What keeps operations for less time keeps these no longer.
    await journal.prune({ now: at + day, before: at + 3000, dryRunsBefore: at }, 100);
    expect([await idsOf(), await idsOf({ dryRun: true })]).toEqual([[], ['refused_4*1']]);
  });
});
