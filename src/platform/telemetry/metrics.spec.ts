import { describe, expect, it } from '@jest/globals';
import { database } from '../../core/model/spec-targets.js';
import type { Target } from '../../core/model/target.js';
import { Metrics } from './metrics.js';

const open = (): Metrics =>
  new Metrics('0', {
    running: () => 0,
    oldestSeconds: () => 0,
    freezes: () => [],
    approvals: () => [],
    requestsLimit: () => 0,
  });

const some = (count: number): readonly Target[] =>
  Array.from({ length: count }, (_, index) => ({ ...database({}).target, name: `db${String(index)}` }));

/** Lines about targets. */
const seriesOf = async (metrics: Metrics): Promise<readonly string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.includes('target="db'));

describe('the series of targets', () => {
  it('begin at zero, of 200 targets', async () => {
    const metrics = open();
    metrics.startAtZero(some(200));
    metrics.unsettled(new Map(), some(200));
    expect(await seriesOf(metrics)).toContain('sluice_operations_unsettled{target="db199"} 0');
    expect((await seriesOf(metrics)).length).toBeGreaterThan(2000);
  });

  it('are made once something moves them, where there are more', async () => {
    const metrics = open();
    metrics.startAtZero(some(201));
    metrics.unsettled(new Map(), some(201));
    expect(await seriesOf(metrics)).toEqual([]);
    metrics.unsettled(new Map([['db7', 2]]), some(201));
    expect(await seriesOf(metrics)).toEqual(['sluice_operations_unsettled{target="db7"} 2']);
    metrics.unsettled(new Map(), some(201));
    expect(await seriesOf(metrics)).toEqual([]);
  });
});
