import { calls } from './calls.ts';
import { verdictOf, type Goal } from './goals.ts';
import type { Median } from './measure.ts';

/**
 * The figures of all rows, as a table of Markdown. The share of the reference is that of calls per second of processor
 * time.
 */
export function showRows(medians: readonly Median[]): string {
  const head = ['call', 'row', 'calls/s', 'of the reference', 'p50 ms', 'p99 ms', 'CPU µs a call', 'core', 'MB'];
  const lines = medians.map((one) => {
    const base = medians.find(({ row, call }) => row === 'reference' && call === one.call);
    return [
      calls[one.call].title,
      one.row,
      short(one.rate),
      base ? `${((base.cpuMicros / one.cpuMicros) * 100).toFixed(0)} %` : '–',
      ...[one.p50, one.p99, one.cpuMicros].map(short),
      `${(one.core * 100).toFixed(0)} %`,
      one.residentMegabytes.toFixed(0),
    ];
  });
  return table(head, lines);
}

/** The goals, and whether they were reached. */
export function showGoals(goals: readonly Goal[]): string {
  const lines = goals.map((goal) => {
    const sign = goal.better === 'more' ? '≥' : '≤';
    const bound = (value: number | null) => (value === null ? '–' : `${sign} ${String(value)} ${goal.unit}`);
    const value = goal.value === null ? '–' : `${short(goal.value)} ${goal.unit}`;
    return [goal.figure, value, bound(goal.goal), bound(goal.stretch), verdictOf(goal)];
  });
  return table(['figure', 'measured', 'goal', 'stretch', ''], lines);
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, head.map(() => '---'), ...lines];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
