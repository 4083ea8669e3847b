import { describe, expect, it } from '@jest/globals';
import { MemoryRefused } from '../../store/memory/memory.refused.js';
import { quiet, SpecClock } from './spec-journal.js';
import type { Refused, KeptRefusal } from './refused-calls.js';
import { RefusedLog } from './refused-log.js';

const minute = 60_000;

function call(requestedBy: string, ...targets: readonly string[]): Refused {
  return {
    ...{ kind: 'sessions.flush', mode: 'graceful', dryRun: false, requestedBy, onBehalfOf: null, reason: null },
    ...{ requestId: 'r', targets: targets.map((target) => ({ target, backend: 'dcs' })), isWhole: true },
    problem: { code: 'forbidden', title: 't', status: 403, detail: 'd' },
  };
}

function setUp() {
  const kept = new MemoryRefused();
  const clock = new SpecClock();
  const state = { writes: 0, unkept: 0, errors: 0, fails: false };
  const keep = kept.keep.bind(kept);
  kept.keep = (calls) => {
    state.writes += 1;
    return state.fails ? Promise.reject(new Error('no store')) : keep(calls);
  };
  const log = new RefusedLog(kept, clock, {
    onUnkept: () => (state.unkept += 1),
    onError: () => (state.errors += 1),
  });
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await quiet();
  };
  const all = (): Promise<readonly KeptRefusal[]> => kept.list({ dryRun: false, limit: 100_000 });
  return { log, clock, state, pass, all };
}

describe('refused calls', () => {
  it('are one with its count where they are alike, written once a second, and anew each minute', async () => {
    const { log, state, pass, all } = setUp();
    for (let index = 0; index < 1000; index += 1) log.tell(call('app', 'carts'));
    expect(state.writes).toBe(0);
    await pass(1000);
    expect([state.writes, (await all()).map(({ times }) => times)]).toEqual([1, [1000]]);
    log.tell(call('app', 'carts'));
    await pass(1000);
    expect((await all()).map(({ times }) => times)).toEqual([1001]);
    await pass(minute);
    log.tell(call('app', 'carts'));
    await pass(1000);
    expect((await all()).map(({ times }) => times)).toEqual([1, 1001]);
    expect(state.unkept).toBe(0);
  });

  it('are at most thirty unlike ones of a caller in a minute, and take nothing from others', async () => {
    const { log, state, pass, all } = setUp();
    for (let index = 0; index < 1000; index += 1) log.tell(call('app', `t${String(index)}`));
    log.tell(call('other', 'carts'));
    await pass(1000);
    const callers = (await all()).map(({ requestedBy }) => requestedBy);
    expect([callers.filter((name) => name === 'app').length, callers[0]]).toEqual([30, 'other']);
    expect(state.unkept).toBe(970);
  });

  it('are at most a thousand unlike ones of a caller in a day, and ten thousand in all', async () => {
    const { log, pass, all } = setUp();
    for (let round = 0; round < 50; round += 1) {
      for (let index = 0; index < 30; index += 1) log.tell(call('app', `t${String(index)}`));
      await pass(minute);
    }
    expect(await all()).toHaveLength(1000);
    for (let caller = 0; caller < 400; caller += 1) {
      for (let index = 0; index < 30; index += 1) log.tell(call(`c${String(caller)}`, `t${String(index)}`));
      if (caller % 20 === 19) await pass(minute);
    }
    for (let second = 0; second < 20; second += 1) await pass(1000);
    expect((await all()).length).toBeLessThanOrEqual(10_000);
  });

  it('wait for a store that cannot be written, a thousand at most', async () => {
    const { log, state, pass, all } = setUp();
    state.fails = true;
    for (let caller = 0; caller < 50; caller += 1) {
      for (let index = 0; index < 30; index += 1) log.tell(call(`c${String(caller)}`, `t${String(index)}`));
    }
    expect(state.unkept).toBe(500);
    await pass(1000);
    expect([state.errors, await all()]).toEqual([1, []]);
    state.fails = false;
    for (let second = 0; second < 12; second += 1) await pass(1000);
    expect(await all()).toHaveLength(1000);
  });

  it('are written when the replica stops, and keep it no longer than that', async () => {
    const { log, state, all } = setUp();
    log.tell(call('app', 'carts'));
    await log.stop();
    expect(await all()).toHaveLength(1);
    state.fails = true;
    log.tell(call('app', 'orders'));
    await log.stop();
    expect(await all()).toHaveLength(1);
  });
});
