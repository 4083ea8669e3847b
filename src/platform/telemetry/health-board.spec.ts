import { describe, expect, it } from '@jest/globals';
import type { Measured } from '../../transport/measure.js';
import { HealthBoard } from './health-board.js';

const call = { connection: 'huawei', backend: 'taurusdb', target: 'orders', call: 'list-processes' };

function seen(...calls: readonly Pick<Measured, 'outcome' | 'at' | 'seconds'>[]): string {
  const board = new HealthBoard();
  for (const one of calls) board.see({ ...call, ...one });
  return board.of('orders').state;
}

describe('HealthBoard', () => {
  it('knows nothing of what was never asked', () => {
    expect(seen()).toBe('unknown');
  });

  it('takes a success that began after a failure for the end of it', () => {
    expect(
      seen({ outcome: 'upstream-malformed', at: 1000, seconds: 0.1 }, { outcome: 'ok', at: 1200, seconds: 0.1 }),
    ).toBe('ok');
  });

  it('lets the success of a call that was under way meanwhile not hide a failure', () => {
    expect(
      seen({ outcome: 'upstream-malformed', at: 1000, seconds: 0.1 }, { outcome: 'ok', at: 1050, seconds: 0.1 }),
    ).toBe('failing');
  });

  it('learns nothing from what is the caller’s, or our own', () => {
    expect(seen({ outcome: 'ok', at: 1, seconds: 0 }, { outcome: 'overloaded', at: 2, seconds: 0 })).toBe('ok');
  });
});
