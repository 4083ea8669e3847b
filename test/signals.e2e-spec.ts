import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway } from './built-gateway.ts';
import { configFor, type Config } from './gateway.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: BuiltGateway | undefined;
const folder = mkdtempSync(join(tmpdir(), 'sluice-signals-'));

beforeAll(async () => {
  vendors = await startVendors();
});

afterEach(() => gateway?.close());

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await vendors.close();
});

const start = (change?: (config: Config) => void): BuiltGateway =>
  startBuilt(JSON.stringify(configFor(vendors, change ? { change } : {})));

const delay = (seconds: number) => (config: Config) => {
  config.server['drain'] = { delaySeconds: seconds, timeoutSeconds: 1 };
};

describe('a signal that asks the program to stop', () => {
  it.each([0, 50, 100, 200, 400, 800])('ends it %i ms after it was started', async (milliseconds) => {
    gateway = start();
    await sleep(milliseconds);
    gateway.signal('SIGTERM');
    // Before Node runs any of the program, it ends by the signal itself.
    expect([0, null]).toContain(await gateway.ended);
    expect(gateway.output()).not.toContain('rror');
  });

  it('is one, if it comes twice at once: npm passes on what its group was sent', async () => {
    gateway = start(delay(1));
    await gateway.listening();
    gateway.signal('SIGINT');
    await gateway.line(({ msg }) => msg === 'stopping');
    gateway.signal('SIGINT');
    expect(await gateway.ended).toBe(0);
    expect(gateway.log).toContainEqual(expect.objectContaining({ msg: 'stopped', clean: true }));
  });

  it('ends it at once, if it comes again later', async () => {
    gateway = start(delay(60));
    await gateway.listening();
    gateway.signal('SIGTERM');
    await gateway.line(({ msg }) => msg === 'stopping');
    await sleep(1500);
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(1);
  });

  it('makes it not ready at once, and ends it in time, while a secret file does not answer', async () => {
    const secret = join(folder, 'password');
    writeFileSync(secret, 'tell-nobody');
    gateway = start((config) => {
      delay(1)(config);
      config.server['management'] = { port: 0 };
      config.connections['tenten']!['password'] = { file: secret };
    });
    const { managementUrl } = await gateway.listening();
    const ready = async (): Promise<number> => (await fetch(`${managementUrl}/health/ready`)).status;
    await until(ready, (status) => status === 200);
    // A pipe that nobody writes to is read for ever, as a file on a dead mount is.
    rmSync(secret);
    execFileSync('mkfifo', [secret]);
    gateway.signal('SIGHUP');
    await sleep(500);
    expect(await ready()).toBe(200);
    gateway.signal('SIGTERM');
    await gateway.line(({ msg }) => msg === 'stopping');
    expect(await ready()).toBe(503);
    await gateway.ended;
    expect(gateway.log).toContainEqual(expect.objectContaining({ msg: 'stopped', clean: true }));
  });
});
