import { calls } from './calls.ts';
import { verdictOf, type Goal } from './goals.ts';
import { middle, paired, quiet, type Figures } from './measure.ts';

/**
 * The figures of all rows, as a table of Markdown. Shares are of calls per second of processor time: the median of the
 * pairs of windows that were measured side by side. In brackets: the mean of the lowest quarter of the windows.
 */
export function showRows(all: readonly Figures[]): string {
  const head = [
    'call',
    'row',
    'CPU µs a call',
    'of the reference',
    'against stock',
    'calls/s',
    'p50 ms',
    'p99 ms',
    'MB',
  ];
  const lines = all.map((one) => {
    const { row, call, samples } = one;
    const against = (name: Figures['row']): number | null =>
      paired(
        all.find((other) => other.row === name && other.call === call),
        one,
        (base, own) => base.cpuMicros / own.cpuMicros,
      );
    const [reference, stock] = [against('reference'), against('stock')];
    return [
      calls[call].title,
      row,
      `${short(middle(samples, 'cpuMicros'))} (${short(quiet(samples, 'cpuMicros'))})`,
      reference === null ? '–' : `${(reference * 100).toFixed(0)} %`,
      stock === null ? '–' : `${stock.toFixed(2)} ×`,
      short(middle(samples, 'rate')),
      `${short(middle(samples, 'p50'))} (${short(quiet(samples, 'p50'))})`,
      `${short(middle(samples, 'p99'))} (${short(quiet(samples, 'p99'))})`,
      Math.max(...samples.map(({ residentMegabytes }) => residentMegabytes)).toFixed(0),
    ];
  });
  return table(head, lines);
}

/** What this build costs against another: the ratios of the pairs of windows, by calls per second of processor time. */
export function showAgainst(all: readonly Figures[]): string {
  const pairs = [
    ['memory', 'against'],
    ['wide', 'against-wide'],
  ] as const;
  const lines = all.flatMap((one) => {
    const [, name] = pairs.find(([own]) => own === one.row) ?? [];
    const other = all.find(({ row, call }) => row === name && call === one.call);
    if (!other) return [];
    const ratios = [0.25, 0.5, 0.75].map((share) => quantile(one, other, share));
    return [
      [
        calls[one.call].title,
        ...[other, one].map(
          ({ samples }) => `${short(middle(samples, 'cpuMicros'))} (${short(quiet(samples, 'cpuMicros'))})`,
        ),
        `${(ratios[1] ?? 0).toFixed(3)} × (${(ratios[0] ?? 0).toFixed(3)} to ${(ratios[2] ?? 0).toFixed(3)})`,
      ],
    ];
  });
  return lines.length === 0 ? '' : table(['call', 'the other, CPU µs', 'this build, CPU µs', 'faster by'], lines);
}

function quantile(one: Figures, other: Figures, share: number): number {
  const ratios = one.samples
    .map(({ cpuMicros }, index) => (other.samples[index]?.cpuMicros ?? NaN) / cpuMicros)
    .sort((a, b) => a - b);
  return ratios[Math.floor((ratios.length - 1) * share)] ?? 0;
}

/** The goals, and whether they were reached: the table of docs/performance.md. */
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
