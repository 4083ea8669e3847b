import { describe, expect, it } from '@jest/globals';
import { quiet, SpecClock, SpecJournal, start, storeDown } from '../core/record/spec-journal.js';
import { StoreWatch } from './store-watch.js';

const dayMs = 24 * 3600_000;

function setUp() {
  const journal = new SpecJournal();
  const clock = new SpecClock();
  const told: unknown[] = [];
  const asked: number[] = [];
  const state = { isDown: false };
  journal.unsettled = (since) => {
    asked.push(since);
    return state.isDown ? Promise.reject(storeDown) : Promise.resolve(new Map([['orders', 2]]));
  };
  const watch = new StoreWatch(journal, clock, {
    available: (isAvailable) => told.push(isAvailable),
    unsettled: (counts) => told.push(Object.fromEntries(counts)),
  });
  return { watch, clock, told, asked, state };
}

describe('the watch of a store', () => {
  it('tells at once, and then every 15 s, what of the last day is unknown', async () => {
    const { watch, clock, told, asked } = setUp();
    watch.start();
    await clock.pass(15_000);
    expect(told).toEqual([{ orders: 2 }, true, { orders: 2 }]);
    expect(asked).toEqual([start - dayMs, start + 15_000 - dayMs]);
  });

  it('tells of a store that is gone, goes on, and tells when it is back', async () => {
    const { watch, clock, told, state } = setUp();
    state.isDown = true;
    watch.start();
    await clock.pass(15_000);
    state.isDown = false;
    await clock.pass(15_000);
    expect(told).toEqual([false, { orders: 2 }, true]);
  });

  it('stops at once, and leaves no sleeper behind', async () => {
    const { watch, clock, told } = setUp();
    watch.start();
    await quiet();
    expect(clock.sleepers).toBe(1);
    watch.stop();
    await quiet();
    expect(clock.sleepers).toBe(0);
    await clock.pass(60_000);
    expect(told).toHaveLength(2);
  });
});
