import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { format } from 'prettier';
import { operations } from './operations.ts';
import { runtime } from './runtime.ts';
import { service } from './service.ts';
import { targets } from './targets.ts';
import { upkeep } from './upkeep.ts';

/** All dashboards, by the names of their files. */
export const dashboards: Readonly<Record<string, Dashboard>> = { service, targets, operations, runtime, upkeep };

/** A dashboard as its file has it. */
export function written(dashboard: Dashboard): Promise<string> {
  return format(JSON.stringify(dashboard), { parser: 'json', printWidth: 120 });
}
