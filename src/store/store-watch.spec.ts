import { describe, expect, it } from '@jest/globals';
import { Failure } from '../core/model/failure.js';
import { quiet, SpecClock, SpecJournal, start } from '../core/record/spec-journal.js';
import { Unavailable } from './database.js';
import { StoreWatch } from './store-watch.js';

const dayMs = 24 * 3600_000;
const full = { engine: 'SQLite', reason: 'full', code: '13' } as const;

class CheckedJournal extends SpecJournal {
  readonly #check: (isLarge: boolean) => Promise<void>;

  constructor(check: (isLarge: boolean) => Promise<void>) {
    super();
    this.#check = check;
  }

  override check(...[, isLarge = false]: readonly [now?: number, isLarge?: boolean]): Promise<void> {
    return this.#check(isLarge);
  }
}

function setUp() {
  const clock = new SpecClock();
  const told: unknown[] = [];
  const asked: number[] = [];
  const checks: boolean[] = [];
  const state = { isDown: false };
  const journal = new CheckedJournal((isLarge) => {
    checks.push(isLarge);
    const cause = new Unavailable(full, { isUnsure: false });
    return state.isDown ? Promise.reject(new Failure('store-unavailable', 'No.', { cause })) : Promise.resolve();
  });
  journal.unsettled = (since) => {
    asked.push(since);
    return Promise.resolve(new Map([['orders', 2]]));
  };
  const watch = new StoreWatch(journal, clock, {
    available: () => told.push(true),
    unavailable: (trouble) => told.push(trouble),
    unsettled: (counts) => told.push(Object.fromEntries(counts)),
  });
  return { watch, clock, told, asked, checks, state };
}

describe('the watch of a store', () => {
  it('writes at once and then every 10 s, and tells what of the last day is unknown', async () => {
    const { watch, clock, told, asked } = setUp();
    expect(watch.wasWritten).toBe(false);
    watch.start();
    await clock.pass(10_000);
    expect(watch.wasWritten).toBe(true);
    expect(told).toEqual([true, { orders: 2 }, { orders: 2 }]);
    expect(asked).toEqual([start - dayMs, start + 10_000 - dayMs]);
  });

  it('tries every second until the store was written once', async () => {
    const { watch, clock, told, state } = setUp();
    state.isDown = true;
    watch.start();
    await clock.pass(1000);
    expect([told, watch.wasWritten]).toEqual([[full, full], false]);
    state.isDown = false;
    await clock.pass(1000);
    expect([told.slice(2), watch.wasWritten]).toEqual([[true, { orders: 2 }], true]);
  });

  it('tells of a store that cannot be written any more, at each look, and when it can', async () => {
    const { watch, clock, told, state } = setUp();
    watch.start();
    await quiet();
    state.isDown = true;
    await clock.pass(15_000);
    state.isDown = false;
    await clock.pass(5000);
    expect(told).toEqual([true, { orders: 2 }, full, full, true, { orders: 2 }]);
    // What was written once stays so.
    expect(watch.wasWritten).toBe(true);
  });

  it('looks at once when somebody could not write, and asks for room if there was none', async () => {
    const { watch, told, checks, state } = setUp();
    watch.start();
    await quiet();
    watch.suspect(false);
    await quiet();
    state.isDown = true;
    watch.suspect(true);
    watch.suspect(true);
    await quiet();
    // It is known to be down: the next look comes by itself.
    watch.suspect(true);
    await quiet();
    expect(checks).toEqual([false, false, true]);
    expect(told.at(-1)).toEqual(full);
    state.isDown = false;
    await watch.look();
    await watch.look();
    expect(checks.slice(3)).toEqual([true, false]);
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
