import { describe, expect, it } from '@jest/globals';
import { StartQueue } from './start-queue.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets requests of these numbers come at once, and tells which have begun. */
function comes(starts: StartQueue, count: number, gone: ReadonlySet<number> = new Set()): readonly number[] {
  const begun: number[] = [];
  for (let number = 1; number <= count; number += 1) {
    starts.enter({ begin: () => begun.push(number), isGone: () => gone.has(number) });
  }
  return begun;
}

describe('requests that come at once', () => {
  it('begin in their order, four in each turn of the event loop', async () => {
    const starts = new StartQueue();
    const begun = comes(starts, 10);
    expect(begun).toEqual([1, 2, 3, 4]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('do not overtake who waits already', async () => {
    const starts = new StartQueue();
    const first = comes(starts, 9);
    await turn();
    const later = comes(starts, 1);
    expect([first.length, later.length]).toEqual([8, 0]);
    await turn();
    expect([first.length, later.length]).toEqual([9, 1]);
  });

  it('do not begin once their callers have gone, and leave room for others', async () => {
    const starts = new StartQueue();
    const gone = new Set<number>();
    const begun = comes(starts, 8, gone);
    for (const number of [5, 6, 7]) gone.add(number);
    const later = comes(starts, 3);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 8]);
    expect(later).toEqual([1, 2, 3]);
  });

  it('are too many once there are more than begin in half a second, by how long turns take', async () => {
    let now = 0;
    const starts = new StartQueue(() => now);
    const pass = async (turns: number) => {
      for (let passed = 0; passed < turns; passed += 1) {
        now += 10;
        await turn();
      }
    };
    // Four each 10 ms, for two seconds, with four in line.
    comes(starts, 8);
    for (let round = 0; round < 200; round += 1) {
      await pass(1);
      comes(starts, 4);
    }
    comes(starts, 150);
    await pass(10);
    expect(starts.isLate).toBe(false);
    comes(starts, 100);
    // 214 would take 535 ms, as turns go.
    expect(starts.isLate).toBe(true);
    await pass(4);
    expect(starts.isLate).toBe(false);
    await pass(60);
    // Nobody waits any more: how long nobody came says nothing.
    now += 60_000;
    comes(starts, 150);
    await pass(2);
    expect(starts.isLate).toBe(false);
  });

  it('are not too many after a pause of any length', async () => {
    let now = 0;
    const starts = new StartQueue(() => now);
    comes(starts, 100);
    now = 60_000;
    await turn();
    now += 60_000;
    await turn();
    comes(starts, 100);
    expect(starts.isLate).toBe(false);
  });

  it('all begin at once where they come one by one', async () => {
    const starts = new StartQueue();
    for (let round = 0; round < 10; round += 1) {
      expect(comes(starts, 4)).toHaveLength(4);
      await turn();
    }
  });
});
