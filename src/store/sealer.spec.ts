import { describe, expect, it } from '@jest/globals';
import { quiet, SpecClock } from '../core/record/spec-journal.js';
import type { MadeSeal, Sealing, Seals } from '../core/record/seals.js';
import { keepSealing } from './sealer.js';

const minute = 60_000;

/** Seals as they are told to be, and what was asked for. */
function setUp() {
  const clock = new SpecClock();
  const asked: number[] = [];
  const told: unknown[] = [];
  const state = { lastAt: null as number | null, answers: [] as (Sealing | Error)[] };
  const seals: Seals = {
    sealNext: (now, limit) => {
      asked.push(limit);
      const answer = state.answers.shift() ?? { is: 'done', at: now };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    last: (now) => Promise.resolve({ at: state.lastAt, now }),
    waiting: () => Promise.resolve(3),
  };
  const watcher = {
    sealed: ({ number }: MadeSeal) => told.push(number),
    kept: (upTo: number, waiting: number) => told.push([upTo, waiting]),
    failed: (thrown: unknown) => told.push(thrown),
  };
  const sealed = (number: number): Sealing => ({ is: 'sealed', seal: { number } as MadeSeal });
  return { clock, asked, told, state, sealed, start: () => keepSealing(seals, clock, watcher) };
}

describe('sealing a store', () => {
  it('goes on until nothing is left, again a minute later, and once more when it is stopped', async () => {
    const { clock, told, state, sealed, start } = setUp();
    state.answers.push(sealed(1), sealed(2));
    const sealing = start();
    await quiet();
    const began = clock.now();
    expect(told).toEqual([1, 2, [began, 0]]);
    await clock.pass(minute - 1000);
    expect(told).toHaveLength(3);
    state.answers.push(sealed(3));
    await clock.pass(1000);
    expect(told.slice(3)).toEqual([3, [began + minute, 0]]);
    state.answers.push(sealed(4));
    await sealing.stop();
    expect(told.slice(5)).toEqual([4, [began + minute, 0]]);
  });

  it('is left to another replica that has just done so', async () => {
    const { clock, asked, told, state, start } = setUp();
    state.lastAt = clock.now() - 30_000;
    const sealing = start();
    await quiet();
    expect([asked, told]).toEqual([[], [[clock.now() - 30_000, 3]]]);
    await clock.pass(minute);
    expect(asked).toHaveLength(1);
    await sealing.stop();
  });

  it('says nothing of what another replica sealed at the same moment', async () => {
    const { told, state, start } = setUp();
    state.answers.push({ is: 'elsewhere' }, { is: 'elsewhere' });
    const sealing = start();
    await sealing.stop();
    expect(told).toEqual([]);
  });

  it('tells what went wrong, and tries with less', async () => {
    const { clock, asked, told, state, sealed, start } = setUp();
    const error = new Error('too slow');
    state.answers.push(error, error, sealed(1));
    const sealing = start();
    await clock.pass(2 * minute);
    expect(asked).toEqual([500, 125, 31, 62]);
    expect(told.slice(0, 3)).toEqual([error, error, 1]);
    await sealing.stop();
  });
});
