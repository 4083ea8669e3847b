// Writes the dashboards that the chart carries: helm/sluice/files/dashboards.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards, written } from './all.ts';

const folder = join(import.meta.dirname, '..', 'helm', 'sluice', 'files', 'dashboards');
for (const [name, dashboard] of Object.entries(dashboards)) {
  writeFileSync(join(folder, `${name}.json`), await written(dashboard));
}
