import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { configFor, openGateway, operationOf, problemOf, type Config, type Gateway } from './gateway.ts';
import { mutationsOf, threadsOf } from './safeguards-places.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway | undefined;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterAll(() => vendors.close());

beforeEach(() => {
  vendors.reset();
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function open(change?: (config: Config) => void): Promise<Gateway> {
  gateway = await openGateway({ vendors, signed: true, ...(change ? { change } : {}) });
  return gateway;
}

const flush = (on: Gateway, targets: readonly string[], headers: Record<string, string> = {}) =>
  on.call('POST', '/sessions/flush', { body: { targets, mode: 'forced' }, headers });

describe('a look that the vendor throttles for an hour', () => {
  it('keeps nobody from another call of the same service', async () => {
    const on = await open();
    vendors.faults.add({ vendor: 'dcs', call: 'scan-clients', kind: 'throttle', retryAfter: 3600 });
    const look = await on.call('GET', '/processes?target=carts');
    expect([look.status, problemOf(look).code]).toEqual([503, 'upstream-throttled']);
    expect((await flush(on, ['carts'])).status).toBe(200);
    expect(mutationsOf(vendors)).toEqual([['kill-all-clients', '{"kill_all_nodes":true}']]);
  });
});

describe('a kill that the vendor refuses', () => {
  it('gives back to the budget what was surely not ended', async () => {
    const on = await open(({ targets }) => {
      Object.assign(
        targets.find(({ name }) => name === 'orders')!,
        { killsPerMinute: 20 },
      );
    });
    const ids = [...threadsOf(vendors)];
    const kill = (some: readonly string[]) =>
      on.call('DELETE', '/processes', { body: { target: 'orders', node: 'primary', ids: some } });
    const refusal = '{"error_code":"DBS.201014","error_msg":"busy"}';
    vendors.faults.add({ call: 'delete-processes', kind: 'reply', status: 409, body: refusal });
    for (let count = 0; count < 10; count += 1) {
      const answer = await kill(ids.slice(0, 20));
      expect([answer.status, problemOf(answer).code]).toEqual([409, 'upstream-conflict']);
    }
    vendors.faults.clear();
    expect((await kill(ids.slice(0, 1))).status).toBe(200);
    expect(problemOf(await kill(ids.slice(1, 21))).code).toBe('kill-budget-exhausted');
    expect((await kill(ids.slice(1, 20))).status).toBe(200);
  });
});

describe('a flush of a slow target and a fast one', () => {
  it('lets go of the fast one as soon as its part has ended', async () => {
    const on = await open();
    vendors.faults.add({ call: 'kill-all-clients', kind: 'latency', milliseconds: 5000 });
    const both = await flush(on, ['carts', 'bi-pool'], { prefer: 'respond-async' });
    expect(both.status).toBe(202);
    const { id } = operationOf(both);
    const again = await until(
      () => flush(on, ['bi-pool']),
      ({ status }) => status !== 409,
    );
    expect(again.status).toBe(200);
    expect(operationOf(await on.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=0' } })).state).toBe(
      'running',
    );
    expect(problemOf(await flush(on, ['carts'])).code).toBe('flush-in-progress');
    expect(vendors.journal.of('resetpool')).toHaveLength(2);
  });
});

describe('wrong credentials of a neighbour', () => {
  it('keep nobody out whose token is good and new, and a token whose signature holds is never counted', async () => {
    const on = await open();
    const withToken = (token: string) =>
      on.call('GET', '/targets', { key: null, headers: { authorization: `Bearer ${token}` } });
    const good = (more: object = {}) => vendors.identity.token({ sub: 'sue', groups: ['dba'], ...more });
    const expired = await Promise.all(Array.from({ length: 130 }, () => good({ expiresIn: -3600 })));
    for (const token of expired) expect((await withToken(token)).status).toBe(401);
    const wrong = (at: number) => on.call('GET', '/targets', { key: `wrong-${String(at)}` });
    let refused = 0;
    for (let at = 0; at < 130; at += 1) if ((await wrong(at)).status === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    expect((await withToken(await good({ sub: 'new' }))).status).toBe(200);
  });
});

describe('a reload while the issuer of tokens is down', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-issuer-'));
  const file = join(folder, 'sluice.yaml');
  let running: RunningApp | undefined;

  afterEach(async () => {
    await running?.stop();
    rmSync(folder, { recursive: true });
  });

  it('goes on with the keys that it has', async () => {
    const write = (description: string): void => {
      const change = ({ targets }: Config): void => {
        Object.assign(targets[0]!, { description });
      };
      writeFileSync(file, JSON.stringify(configFor(vendors, { change })));
    };
    write('before');
    const lines: string[] = [];
    const log = openLog('info', version, { write: (line) => lines.push(line) });
    const source = openSource(file, backends, gatewayEnvironment);
    running = await startApp(source.configuration, log, { source });
    const url = `${running.url}/targets`;
    const ask = async () => {
      const authorization = `Bearer ${await vendors.identity.token({ sub: 'sue', groups: ['dba'] })}`;
      return (await fetch(url, { headers: { authorization } })).status;
    };
    expect(await ask()).toBe(200);
    vendors.faults.add({ vendor: 'identity', kind: 'reset-before' });
    write('after');
    await until(
      () => lines.join(''),
      (text) => text.includes('configuration reloaded'),
    );
    expect(await ask()).toBe(200);
  });
});
