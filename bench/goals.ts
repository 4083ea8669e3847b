import type { CallName, RowName } from './calls.ts';
import type { Extras } from './extras.ts';
import { middle, paired, type Figures } from './measure.ts';
import { pollMs } from './scene.ts';

/** One line of the table of goals. */
export interface Goal {
  readonly figure: string;
  /** Null where what it needs was not measured. */
  readonly value: number | null;
  readonly unit: '%' | '×' | 'µs' | 'ms' | 'MB' | 's';
  readonly goal: number;
  readonly stretch: number | null;
  /** Is more better, or less? */
  readonly better: 'more' | 'less';
}

/** Holds what was measured against the goals. */
export function goalsOf(all: readonly Figures[], extras: Extras): readonly Goal[] {
  const { startMs, tail, referenceTail, overload, growth, restMegabytes, loaded } = extras;
  const find = (row: RowName, call: CallName) => all.find((one) => one.row === row && one.call === call);
  // Of one core that is full the rate says the same; where the machine is busy, or the load too small, this still
  // holds.
  const byCpu = (row: RowName, call: CallName, base: RowName) =>
    paired(find(base, call), find(row, call), (left, right) => left.cpuMicros / right.cpuMicros);
  const byRate = (row: RowName, base: RowName) =>
    paired(find(row, 'xml-flush'), find(base, 'xml-flush'), (left, right) => left.rate / right.rate);
  const p50 = (row: RowName, call: CallName) => {
    const figures = find(row, call);
    return figures && middle(figures.samples, 'p50');
  };
  // Every gateway waits once for the job that makes the list.
  const listing = paired(
    find('memory', 'look-10000'),
    find('reference', 'look-10000'),
    (left, right) => (left.p50 - pollMs) / (right.p50 - pollMs),
  );
  const added = paired(find('memory', 'xml-reset'), find('nginx', 'xml-reset'), (left, right) => left.p50 - right.p50);
  const flushes = find('memory', 'xml-flush')?.samples;
  const atPeak = flushes ? Math.max(...flushes.map(({ residentMegabytes }) => residentMegabytes)) : null;
  const ofReference = referenceTail ? ` (of the reference: ${referenceTail.sample.p99.toFixed(1)} ms)` : '';
  const goodput = ratio(overload?.sample.rate, overload && Math.max(overload.peak, overload.recovered));
  const grown = growth ? percent(growth.after / growth.before - 1) : null;
  return [
    more('XML flush against stock', byCpu('memory', 'xml-flush', 'stock'), '×', 1.8, 2.3),
    more('XML flush, share of the reference', percent(byCpu('memory', 'xml-flush', 'reference')), '%', 40, 48),
    more('JSON flush against stock', byCpu('wide', 'json-flush', 'stock'), '×', 1.05, 1.3),
    more('kill of 20 ids against stock', byCpu('memory', 'kill-20', 'stock'), '×', 1.2, 1.5),
    more('look at 46 threads against stock', byCpu('memory', 'look-46', 'stock'), '×', 1.2, 1.5),
    less('added p50 over nginx, one connection', added, 'ms', 0.3, 0.2),
    less(`p99 at half of its own peak${ofReference}`, tail?.sample.p99 ?? null, 'ms', 12, 6),
    more('SQLite against the memory store', percent(byRate('sqlite', 'memory')), '%', 60, 75),
    more('PostgreSQL against the memory store', percent(byRate('postgres', 'memory')), '%', 50, 65),
    less('look at 10,000 DCS clients against the reference', listing, '×', 1.25, 1.1),
    less(
      'flush of 100 targets at 50 ms against one',
      ratio(p50('memory', 'flush-100'), p50('memory', 'flush-1')),
      '×',
      1.15,
      1.05,
    ),
    more('goodput at twice its peak', percent(goodput), '%', 82, 90),
    less('cost of a refusal', refusalMicros(overload), 'µs', 80, 50),
    less('resident at rest', restMegabytes ?? null, 'MB', 130, 110),
    less('resident at peak', atPeak, 'MB', 320, 260),
    less('one named kill among 10,000 threads, 150 ms a page', loaded?.kill ?? null, 's', 2.5, 1.5),
    less('a look at 10,000 threads, 150 ms a page', loaded?.look ?? null, 's', 2.5, 1.5),
    less(`growth over ${String(growth?.calls ?? 'many')} calls`, grown, '%', 5, null),
    less('start to first 200', startMs === undefined ? null : startMs / 1000, 's', 0.6, 0.4),
  ];
}

type Bound = readonly [figure: string, value: number | null, unit: Goal['unit'], goal: number, stretch: number | null];

function more(...[figure, value, unit, goal, stretch]: Bound): Goal {
  return { figure, value, unit, goal, stretch, better: 'more' };
}

function less(...bound: Bound): Goal {
  return { ...more(...bound), better: 'less' };
}

/** What is left of the processor's time once the calls that were answered are paid, for each that was refused. */
function refusalMicros(overload: Extras['overload']): number | null {
  if (!overload) return null;
  const { sample, peakMicros } = overload;
  const { ok, refused, seconds } = sample.outcome;
  return refused.count === 0 ? null : (sample.core * seconds * 1e6 - ok.count * peakMicros) / refused.count;
}

function ratio(value: number | null | undefined, base: number | null | undefined): number | null {
  return value === null || value === undefined || base === null || base === undefined ? null : value / base;
}

function percent(share: number): number;
function percent(share: number | null): number | null;
function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

/** Was it reached? */
export function verdictOf({ value, goal, stretch, better }: Goal): 'stretch' | 'met' | 'missed' | 'not measured' {
  if (value === null) return 'not measured';
  const reaches = (bound: number): boolean => (better === 'more' ? value >= bound : value <= bound);
  if (stretch !== null && reaches(stretch)) return 'stretch';
  return reaches(goal) ? 'met' : 'missed';
}
