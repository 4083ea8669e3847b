import { describe, expect, it } from '@jest/globals';
import { SpecClock } from '../../core/record/spec-journal.js';
import { openLog } from './log.js';
import { Metrics } from './metrics.js';
import { tellStore } from './store-telemetry.js';

const full = { engine: 'SQLite', reason: 'full', code: '13' } as const;

function setUp() {
  const lines: string[] = [];
  const clock = new SpecClock();
  const metrics = new Metrics('0', {
    running: () => 0,
    oldestSeconds: () => 0,
    freezes: () => [],
    approvals: () => [],
    requestsLimit: () => 0,
  });
  const log = openLog('info', '0', { write: (line: string) => lines.push(line) });
  const told = tellStore(metrics, log, clock, () => []);
  const available = async () => /^sluice_store_available (\d)/m.exec(await metrics.registry.metrics())?.[1];
  const said = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { clock, told, available, said };
}

describe('what is told of the store', () => {
  it('names engine, code and reason in a sentence, at most once a minute, and that it is over, once', async () => {
    const { clock, told, available, said } = setUp();
    told.available();
    expect([await available(), said()]).toEqual(['1', []]);
    for (let look = 0; look < 13; look += 1) {
      told.unavailable(full, new Error('no space on /var/lib/secret'));
      clock.advance(5000);
    }
    expect(await available()).toBe('0');
    const line = { level: 'error', engine: 'SQLite', code: '13', reason: 'full' };
    const detail = 'The store has no room left on its disk.';
    expect(said()).toEqual([expect.objectContaining({ ...line, detail }), expect.objectContaining(line)]);
    told.available();
    told.available();
    expect(said().slice(2)).toMatchObject([{ level: 'info', msg: 'the store of operations can be written again' }]);
    expect(JSON.stringify(said())).not.toContain('secret');
  });

  it('says nothing of the end of what it did not tell', () => {
    const { clock, told, said } = setUp();
    told.unavailable(full, null);
    told.available();
    clock.advance(1000);
    told.unavailable(full, null);
    told.available();
    expect(said()).toHaveLength(2);
  });
});
