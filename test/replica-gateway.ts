// The gateway as it is before it is bundled, with leases as short as a test can wait for: how short, in milliseconds,
// is its argument.
import 'reflect-metadata';
import { join } from 'node:path';

const built = (path: string): string => join(import.meta.dirname, '..', 'build', path);

const { startApp, version } = (await import(built('app.js'))) as typeof import('../src/app.js');
const { backends } = (await import(
  built('backends/backends.module.js')
)) as typeof import('../src/backends/backends.module.js');
const { loadConfiguration } = (await import(
  built('platform/config/load.js')
)) as typeof import('../src/platform/config/load.js');
const { openLog } = (await import(
  built('platform/telemetry/log.js')
)) as typeof import('../src/platform/telemetry/log.js');

const lease = Number(process.argv[2]);
const log = openLog('info', version);
const configuration = loadConfiguration(process.env['SLUICE_CONFIG'] ?? '', backends, process.env);
const leases = { lease, renewEvery: lease / 6, margin: lease / 3 };
const { url, managementUrl } = await startApp(configuration, log, { leases });
log.info({ url, managementUrl }, 'listening');
