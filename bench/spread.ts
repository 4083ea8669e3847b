import type { RecordableHistogram } from 'node:perf_hooks';

/** How times are spread, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Of a histogram of microseconds. */
export function spreadOf(histogram: RecordableHistogram): Spread {
  if (histogram.count === 0) return { count: 0, p50: 0, p99: 0, max: 0 };
  const [p50, p99] = [50, 99].map((percent) => histogram.percentile(percent) / 1000);
  return { count: histogram.count, p50: p50 ?? 0, p99: p99 ?? 0, max: histogram.max / 1000 };
}
