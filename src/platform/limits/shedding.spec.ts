import { describe, expect, it } from '@jest/globals';
import { LoopDelay } from './loop-delay.js';
import { Shedding } from './shedding.js';

/** So many ask to be let in: how many were. */
function enter(shedding: Shedding, times: number): number {
  let entered = 0;
  for (let at = 0; at < times && !shedding.isFull; at += 1) {
    shedding.enter();
    entered += 1;
  }
  return entered;
}

describe('requests in flight', () => {
  it('are let in up to the limit, and again once others have left', () => {
    const shedding = new Shedding({ inFlight: 3 });
    expect(enter(shedding, 5)).toBe(3);
    shedding.leave();
    expect(enter(shedding, 5)).toBe(1);
  });

  it('are fewer while the event loop is late, but never none', () => {
    const shedding = new Shedding({ inFlight: 100, eventLoopDelayMs: 50 });
    expect(enter(shedding, 100)).toBe(100);
    const limits = Array.from({ length: 20 }, () => {
      shedding.judge(51);
      return shedding.limit;
    });
    expect(limits.slice(0, 3)).toEqual([80, 64, 51]);
    expect(limits.at(-1)).toBe(8);
    expect(enter(shedding, 1)).toBe(0);
  });

  it('go by what is really in flight, not by a limit that nothing reaches', () => {
    const shedding = new Shedding({ inFlight: 10_000, eventLoopDelayMs: 50 });
    enter(shedding, 200);
    shedding.judge(60);
    expect(shedding.limit).toBe(160);
  });

  it('are more again once the loop is in time', () => {
    const shedding = new Shedding({ inFlight: 100, eventLoopDelayMs: 50 });
    enter(shedding, 100);
    for (let at = 0; at < 20; at += 1) shedding.judge(1000);
    const limits = Array.from({ length: 40 }, () => {
      shedding.judge(50);
      return shedding.limit;
    });
    expect(limits[0]).toBe(9);
    expect(limits).toEqual(limits.toSorted((one, other) => one - other));
    expect(limits.at(-1)).toBe(100);
  });

  it('are not shed for a late loop while there are few', () => {
    const shedding = new Shedding({ eventLoopDelayMs: 1 });
    for (let at = 0; at < 50; at += 1) shedding.judge(10_000);
    expect(enter(shedding, 10)).toBe(8);
  });

  it('are bounded by less than that where it is configured so', () => {
    const shedding = new Shedding({ inFlight: 2 });
    for (let at = 0; at < 5; at += 1) shedding.judge(10_000);
    expect(shedding.limit).toBe(2);
  });

  it('go by another configuration at once', () => {
    const shedding = new Shedding({ inFlight: 2 });
    expect(enter(shedding, 5)).toBe(2);
    shedding.use({ inFlight: 4 });
    expect(enter(shedding, 5)).toBe(2);
    shedding.use({ inFlight: 1 });
    expect(shedding.limit).toBe(1);
    shedding.use();
    expect(shedding.limit).toBe(2000);
  });
});

describe('how late the event loop is', () => {
  /** What is told of a loop that turns after these pauses. */
  const toldOf = (...pauses: readonly number[]): readonly number[] => {
    const told: number[] = [];
    const delay = new LoopDelay((milliseconds) => told.push(Math.round(milliseconds)));
    let now = 0;
    for (const pause of pauses) {
      now += pause;
      delay.tick(now);
    }
    return told;
  };
  const calm = Array.from({ length: 50 }, () => 20);

  it('is nothing while it turns in time', () => {
    expect(toldOf(...calm)).toEqual([0, 0]);
  });

  it.each([200, 5000])('is nothing after a single pause of %i ms', (pause) => {
    expect(Math.max(...toldOf(...calm, pause, ...calm, ...calm))).toBe(0);
  });

  it('is what it is on average while it lasts', () => {
    expect(toldOf(...Array.from({ length: 30 }, () => 120))).toEqual([0, 100, 100, 100, 100, 100]);
    // Every turn takes longer than what is averaged over.
    expect(toldOf(2000, 2000, 2000)).toEqual([0, 1980, 1980]);
  });

  it('is told of the loop that runs', async () => {
    const late = Promise.withResolvers<number>();
    const delay = new LoopDelay((milliseconds) => {
      if (milliseconds > 10) late.resolve(milliseconds);
    });
    delay.start();
    let isOver = false;
    const turn = (): void => {
      const until = performance.now() + 60;
      while (performance.now() < until);
      if (!isOver) setImmediate(turn);
    };
    turn();
    expect(await late.promise).toBeGreaterThan(10);
    isOver = true;
    delay.stop();
  });
});
