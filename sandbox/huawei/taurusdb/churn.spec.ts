import { describe, expect, it } from '@jest/globals';
import { createHuawei } from '../huawei.ts';
import { standingClock } from '../spec-requests.ts';
import { CHURNER } from './churn.ts';
import { TAURUSDB } from './seed.ts';

function churning() {
  const clock = standingClock();
  const { state } = createHuawei({ clock: clock.now, churnPerSecond: 40 });
  const add = (count: number, user: string) =>
    Array.from({ length: count }, () => state.taurusdb.addThread(TAURUSDB, { user }).id);
  const ids = () => state.taurusdb.threads(TAURUSDB).map(({ id }) => id);
  return { clock, state, add, ids };
}

describe('threads that come and go', () => {
  it('are as many a second as the knob says, and nobody else ends', () => {
    const { clock, add, ids } = churning();
    const comers = add(100, CHURNER);
    const others = new Set(ids().filter((id) => !comers.includes(id)));
    const before = ids();
    clock.pass(500);
    const after = ids();
    expect(after).toHaveLength(before.length);
    const gone = before.filter((id) => !after.includes(id));
    // Some of those who came have gone again.
    expect(gone.length).toBeGreaterThan(10);
    expect(gone.length).toBeLessThanOrEqual(20);
    expect([...others].filter((id) => !after.includes(id))).toEqual([]);
    expect(after.filter((id) => !before.includes(id))).toHaveLength(gone.length);
  });

  it('are the same ones after a reset', () => {
    const course = (): readonly bigint[] => {
      const { clock, add, ids } = churning();
      add(100, CHURNER);
      clock.pass(1000);
      return ids();
    };
    expect(course()).toEqual(course());
  });
});
