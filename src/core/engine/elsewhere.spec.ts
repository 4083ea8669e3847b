import { describe, expect, it } from '@jest/globals';
import { quiet, SpecJournal } from '../record/spec-journal.js';
import { done, pool } from '../model/spec-targets.js';
import type { Done } from '../model/target.js';
import { flush, setUp } from './spec-engine.js';

/** Counts how often an operation is read. */
class CountingJournal extends SpecJournal {
  reads = 0;

  override read(id: string): ReturnType<SpecJournal['read']> {
    this.reads += 1;
    return super.read(id);
  }
}

/** An operation of one replica that waits for its vendor, and another replica. */
async function begun() {
  const vendor = Promise.withResolvers<Done>();
  const journal = new CountingJournal();
  const one = setUp([pool('carts', () => vendor.promise)], {}, { journal });
  const other = setUp(one.targets, {}, { journal, clock: one.clock, owner: 'replica-2' });
  const id = await one.begin(flush(['carts']));
  await quiet();
  const end = (): void => {
    vendor.resolve(done('flushpool'));
  };
  return { journal, one, other, id, end };
}

describe('an operation of another replica', () => {
  it('is read once every half second, however many wait for it', async () => {
    const { journal, one, other, id, end } = await begun();
    const handles = await Promise.all(Array.from({ length: 300 }, () => other.operations.find(id, 'app')));
    let answered = 0;
    for (const handle of handles) void handle?.closed(45_000).then(() => (answered += 1));
    await quiet();
    journal.reads = 0;
    for (let half = 0; half < 20; half += 1) {
      one.clock.advance(500);
      await quiet();
    }
    expect(journal.reads).toBe(20);
    expect(answered).toBe(0);
    end();
    await quiet();
    one.clock.advance(500);
    await quiet();
    expect(answered).toBe(300);
    expect(new Set(handles.map((handle) => handle?.now.state))).toEqual(new Set(['succeeded']));
    expect(journal.reads).toBe(21);
  });

  it('is read no more once nobody waits for it', async () => {
    const { journal, one, other, id } = await begun();
    const gone = new AbortController();
    const handle = await other.operations.find(id, 'app');
    const waited = handle?.closed(45_000, gone.signal);
    await quiet();
    gone.abort();
    await waited;
    journal.reads = 0;
    for (let half = 0; half < 20; half += 1) {
      one.clock.advance(500);
      await quiet();
    }
    expect(journal.reads).toBe(0);
  });
});
