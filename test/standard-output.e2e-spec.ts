import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { freePort } from './free-port.ts';
import { configFor, demoKeys, writeConfig } from './gateway.ts';
import { until } from './until.ts';

const program = join(import.meta.dirname, '..', 'dist', 'main.js');
let vendors: Vendors;
let child: ChildProcess | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});

afterEach(() => {
  child?.kill('SIGKILL');
});

afterAll(() => vendors.close());

const headers = { 'x-api-key': demoKeys.viewer, 'x-request-id': 'x'.repeat(128) };

const statusOf = async (url: string): Promise<number> => {
  try {
    return (await fetch(url, { headers })).status;
  } catch {
    return 0;
  }
};

it.each([
  ['is full', () => openSync('/dev/full', 'w')],
  ['is a pipe that nobody reads', () => 'pipe' as const],
])(
  'calls go on and SIGTERM ends it in time while standard output %s',
  async (_name, output) => {
    const port = await freePort();
    const config = configFor(vendors, { server: { host: '127.0.0.1', port } });
    config.limits = { overload: { eventLoopDelayMs: 10_000 }, caller: { requests: 1_000_000, seconds: 10 } };
    const { file, drop } = writeConfig(JSON.stringify(config));
    child = spawn(process.execPath, [program], {
      env: { ...gatewayEnvironment, LOG_LEVEL: 'trace', SLUICE_CONFIG: file },
      stdio: ['ignore', output(), 'ignore'],
    });
    child.stdout?.pause();
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    const url = `http://127.0.0.1:${String(port)}`;
    await until(
      () => statusOf(`${url}/targets`),
      (status) => status === 200,
    );
    drop();
    const dropped = async (): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`, { headers })).text();
      return Number(/sluice_log_lines_dropped_total (\d+)/.exec(text)?.[1]);
    };
    // Each call is a line: a pipe takes 64 KiB, and the program holds as much as 256 KiB.
    do {
      for (let round = 0; round < 10; round += 1) {
        const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(`${url}/targets`)));
        expect(new Set(statuses)).toEqual(new Set([200]));
      }
    } while ((await dropped()) === 0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  },
  60_000,
);
