import type { CallName, RowName } from './calls.ts';
import type { Extras } from './extras.ts';
import type { Median } from './measure.ts';
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
export function goalsOf(
  medians: readonly Median[],
  { startMs, tail, referenceTail, overload, growth }: Extras,
): readonly Goal[] {
  const find = (row: RowName, call: CallName): Median | undefined =>
    medians.find((one) => one.row === row && one.call === call);
  const rate = (row: RowName, call: CallName): number | undefined => find(row, call)?.rate;
  const p50 = (row: RowName, call: CallName): number | undefined => find(row, call)?.p50;
  const sluice = find('memory', 'xml-flush');
  // Of one core that is full the rate says the same; where the machine is busy, or the load too small, this still
  // holds.
  const byCpu = (row: RowName, call: CallName, base: RowName) =>
    ratio(find(base, call)?.cpuMicros, find(row, call)?.cpuMicros);
  const byRate = (row: RowName, call: CallName, base: RowName) => ratio(rate(row, call), rate(base, call));
  // Every gateway waits once for the job that makes the list.
  const listing = (row: RowName) => minus(p50(row, 'look-10000'), pollMs);
  const open = byCpu('memory', 'xml-flush', 'open');
  const more = (
    figure: string,
    value: number | null,
    unit: Goal['unit'],
    goal: number,
    stretch: number | null,
  ): Goal => {
    return { figure, value, unit, goal, stretch, better: 'more' };
  };
  const less = (...given: Parameters<typeof more>): Goal => ({ ...more(...given), better: 'less' });
  return [
    more(
      'XML flush, memory store, against the reference',
      percent(byCpu('memory', 'xml-flush', 'reference')),
      '%',
      45,
      60,
    ),
    more(
      'JSON flush, memory store, against the reference',
      percent(byCpu('wide', 'json-flush', 'reference')),
      '%',
      30,
      45,
    ),
    more('XML flush against the stock stack', byCpu('memory', 'xml-flush', 'stock'), '×', 2.5, 3.5),
    less('CPU per call, XML flush', sluice?.cpuMicros ?? null, 'µs', 210, 150),
    less(
      'added latency over nginx, one connection, p50',
      minus(p50('memory', 'xml-reset'), p50('nginx', 'xml-reset')),
      'ms',
      0.25,
      0.15,
    ),
    less(
      `p99 at half of its own peak${referenceTail ? ` (of the reference: ${referenceTail.sample.p99.toFixed(1)} ms)` : ''}`,
      tail?.sample.p99 ?? null,
      'ms',
      10,
      5,
    ),
    more('SQLite store against the memory store', percent(byRate('sqlite', 'xml-flush', 'memory')), '%', 60, 80),
    more('PostgreSQL store against the memory store', percent(byRate('postgres', 'xml-flush', 'memory')), '%', 50, 70),
    less(
      'look at 10,000 DCS clients against the reference',
      ratio(listing('memory'), listing('reference')),
      '×',
      1.25,
      1.1,
    ),
    less(
      'flush of 100 targets against one',
      ratio(p50('memory', 'flush-100'), p50('memory', 'flush-1')),
      '×',
      1.3,
      1.1,
    ),
    more(
      'goodput at twice its peak, against its peak before or after, whichever is higher',
      percent(ratio(overload?.sample.rate, overload && Math.max(overload.peak, overload.recovered))),
      '%',
      90,
      95,
    ),
    less('refusals at twice its peak, p99', refusedP99(overload), 'ms', 10, null),
    less('resident memory at peak', sluice?.residentMegabytes ?? null, 'MB', 240, 180),
    less('growth of it', growth ? percent(growth.after / growth.before - 1) : null, '%', 5, null),
    less('start to first 200', startMs === undefined ? null : startMs / 1000, 's', 1, 0.6),
    less('cost of all security features', open === null ? null : percent(1 - open), '%', 15, 8),
  ];
}

/** Who is not answered at all waits longest. */
function refusedP99(overload: Extras['overload']): number | null {
  if (!overload) return null;
  const { refused, unanswered } = overload.sample.outcome;
  return unanswered > refused.count / 100 ? Number.POSITIVE_INFINITY : refused.p99;
}

function ratio(value: number | null | undefined, base: number | null | undefined): number | null {
  return value === null || value === undefined || base === null || base === undefined ? null : value / base;
}

function minus(value: number | undefined, base: number | undefined): number | null {
  return value === undefined || base === undefined ? null : value - base;
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
