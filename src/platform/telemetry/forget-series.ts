import { Counter, Gauge, type Registry } from 'prom-client';

/** The values of a label that are still in use. What is not about any of them is `none`. */
export type KeptLabels = Readonly<Partial<Record<'target' | 'connection', ReadonlySet<string>>>>;

/** Drops the series of what is configured no longer. */
export async function forgetSeries(registry: Registry, kept: KeptLabels): Promise<void> {
  // What is labelled so is counted or gauged.
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = name.startsWith('sluice_') ? registry.getSingleMetric(name) : undefined;
    if (!(metric instanceof Counter || metric instanceof Gauge)) continue;
    const { values } = await metric.get();
    for (const { labels } of values) {
      const isGone = Object.entries(kept).some(([label, names]) => {
        const value = (labels as Readonly<Record<string, string | number | undefined>>)[label];
        return typeof value === 'string' && value !== 'none' && !names.has(value);
      });
      if (isGone) metric.remove(labels);
    }
  }
}
