import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import type { Operation } from '../src/core/model/operation.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { configFor } from './gateway.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';
import { until } from './until.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-standstill-'));
const file = join(folder, 'sluice.yaml');

let vendors: Vendors;
let running: RunningApp | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});

beforeEach(async () => {
  vendors.reset();
  write(false);
  const source = openSource(file, backends, gatewayEnvironment);
  const log = openLog('fatal', version, { write: () => undefined });
  running = await startApp(source.configuration, log, { source });
});

afterEach(() => running?.stop());

afterAll(async () => {
  await vendors.close();
  rmSync(folder, { recursive: true });
});

function write(readOnly: boolean): void {
  const change = (config: object): void => {
    Object.assign(config, { readOnly });
  };
  writeFileSync(file, JSON.stringify(configFor(vendors, { signed: true, change })));
}

/** Nothing in this process happens meanwhile: neither the gateway nor an emulator does anything. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function call(method: string, path: string, body?: object): Promise<Operation> {
  const answer = await fetch(`${running?.url ?? ''}${path}`, {
    method,
    headers: { 'x-api-key': demoKeys.operator, 'content-type': 'application/json', prefer: 'respond-async' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await answer.json()) as Operation;
}

describe('a process that stood still', () => {
  it('sends nothing more to what became read-only meanwhile', async () => {
    vendors.faults.add({ call: 'delete-processes', kind: 'latency', milliseconds: 500 });
    const ids = [...threadsOf(vendors)].slice(0, 45);
    const { id } = await call('DELETE', '/processes', { target: 'orders', node: 'primary', ids });
    await until(
      () => mutationsOf(vendors).length,
      (count) => count === 1,
    );
    write(true);
    standStill(2200);
    const operation = await until(
      () => call('GET', `/operations/${id}`),
      ({ state }) => state !== 'running',
    );
    expect(mutationsOf(vendors)).toHaveLength(1);
    const whys = operation.targets.flatMap(({ items }) => items.map(({ why }) => why));
    expect(whys.filter((why) => why === 'readOnly')).toHaveLength(25);
  });
});
