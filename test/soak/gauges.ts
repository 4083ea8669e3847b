/** What must not grow for ever, as the gateway tells it of itself. */
const gauges = {
  'resident MiB': {
    series: 'process_resident_memory_bytes',
    per: 1024 * 1024,
    most: (early: number) => early * 1.3 + 32,
  },
  'open files': { series: 'process_open_fds', per: 1, most: (early: number) => early * 1.5 + 40 },
  timers: { series: 'nodejs_active_resources{type="Timeout"}', per: 1, most: (early: number) => early * 2 + 200 },
} as const;

type Name = keyof typeof gauges;

/** Looks at what the gateway uses, again and again, and compares the second quarter of a run with the last. */
export class Gauges {
  readonly #samples: Readonly<Record<Name, number>>[] = [];

  sample(metrics: string): void {
    const lines = metrics.split('\n');
    const read = ({ series, per }: (typeof gauges)[Name]): number => {
      const line = lines.find((one) => one.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1)) / per;
    };
    this.#samples.push({
      'resident MiB': read(gauges['resident MiB']),
      'open files': read(gauges['open files']),
      timers: read(gauges.timers),
    });
  }

  /** One line a gauge, and what is wrong with it if it grew. */
  compare(): readonly { readonly line: string; readonly breach: string | null }[] {
    const quarter = Math.floor(this.#samples.length / 4);
    return (Object.keys(gauges) as Name[]).map((name) => {
      const mean = (from: number): number =>
        this.#samples.slice(from, from + quarter).reduce((sum, sample) => sum + sample[name], 0) / quarter;
      const [early, late] = [mean(quarter), mean(3 * quarter)];
      const line = `${name}: ${early.toFixed(0)} in the second quarter, ${late.toFixed(0)} in the last`;
      return { line, breach: late <= gauges[name].most(early) ? null : `it grew: ${line}` };
    });
  }
}
