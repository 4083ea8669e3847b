import { describe, expect, it } from '@jest/globals';
import { quiet, SpecClock, SpecJournal, start, storeDown } from '../core/spec-journal.js';
import { Housekeeping } from '../store/housekeeping.js';

const dayMs = 24 * 3600_000;

function setUp() {
  const journal = new SpecJournal();
  const clock = new SpecClock();
  const told: unknown[] = [];
  const asked = { unsettled: [] as number[], prune: [] as (readonly [number, number, number])[] };
  const state = { isDown: false, old: 0 };
  journal.unsettled = (since) => {
    asked.unsettled.push(since);
    return state.isDown ? Promise.reject(storeDown) : Promise.resolve(new Map([['orders', 2]]));
  };
  journal.prune = async (before, now, limit) => {
    await new Promise((resolve) => setImmediate(resolve));
    asked.prune.push([before, now, limit]);
    if (state.isDown) throw storeDown;
    const pruned = Math.min(limit, state.old);
    state.old -= pruned;
    return pruned;
  };
  const housekeeping = new Housekeeping(journal, clock, 90, {
    available: (isAvailable) => told.push(isAvailable),
    unsettled: (counts) => told.push(Object.fromEntries(counts)),
  });
  return { housekeeping, clock, told, asked, state };
}

describe('housekeeping', () => {
  it('tells at once, and then every 15 s, what of the last day is unknown', async () => {
    const { housekeeping, clock, told, asked } = setUp();
    housekeeping.start();
    await clock.pass(15_000);
    expect(told).toEqual([{ orders: 2 }, true, { orders: 2 }, true]);
    expect(asked.unsettled).toEqual([start - dayMs, start + 15_000 - dayMs]);
  });

  it('tells of a store that is gone, goes on, and tells when it is back', async () => {
    const { housekeeping, clock, told, state } = setUp();
    state.isDown = true;
    housekeeping.start();
    await clock.pass(15_000);
    state.isDown = false;
    await clock.pass(15_000);
    expect(told).toEqual([false, false, { orders: 2 }, true]);
  });

  it('deletes what is older than its days, batch after batch, every ten minutes', async () => {
    const { housekeeping, clock, asked, state } = setUp();
    state.old = 450;
    housekeeping.start();
    await quiet();
    expect(asked.prune).toEqual(Array.from({ length: 3 }, () => [start - 90 * dayMs, start, 200]));
    await clock.pass(599_000);
    expect(asked.prune).toHaveLength(3);
    await clock.pass(16_000);
    expect(asked.prune).toHaveLength(4);
  });

  it('stops at once, in the middle of deleting as well, and leaves no sleeper behind', async () => {
    const { housekeeping, clock, told, asked, state } = setUp();
    housekeeping.start();
    await quiet();
    expect(clock.sleepers).toBe(1);
    housekeeping.stop();
    await quiet();
    expect(clock.sleepers).toBe(0);
    await clock.pass(60_000);
    expect(told).toHaveLength(2);
    const other = setUp();
    other.state.old = Infinity;
    other.housekeeping.start();
    await quiet();
    other.housekeeping.stop();
    const before = other.asked.prune.length;
    await quiet();
    expect(other.asked.prune.length).toBeLessThanOrEqual(before + 1);
    expect([asked.prune.length, state.old]).toEqual([1, 0]);
  });
});
