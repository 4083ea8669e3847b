import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { demoKeys, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startApp, version, type RunningApp } from '../src/app.js';
import { backends } from '../src/backends/backends.module.js';
import { openSource } from '../src/platform/live/reload.js';
import { openLog } from '../src/platform/telemetry/log.js';
import { configFor, sha256, type Config } from './gateway.ts';
import { selfSigned } from './self-signed.ts';
import { until } from './until.ts';

let vendors: Vendors;
let folder: string;
let file: string;
let running: RunningApp | undefined;

beforeEach(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'sluice-drift-'));
  file = join(folder, 'sluice.yaml');
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await vendors.close();
  rmSync(folder, { recursive: true });
});

function write(change: (config: Config) => void, server: object = {}): void {
  writeFileSync(file, JSON.stringify(configFor(vendors, { change, server })));
}

async function start(change: (config: Config) => void = () => undefined): Promise<void> {
  write(change);
  const source = openSource(file, backends, gatewayEnvironment);
  running = await startApp(source.configuration, openLog('silent', version), { source });
}

async function call(path: string, headers: Record<string, string> = { 'x-api-key': demoKeys.operator }) {
  const answer = await fetch(`${running!.url}${path}`, { headers });
  return { status: answer.status, text: await answer.text() };
}

/** The value of each series whose name begins so, by what follows. */
async function series(name: string): Promise<Record<string, number>> {
  const { text } = await call('/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /^\w+(\{.*\})? (\S+)$/.exec(line) ?? [];
      return [labels, Number(value)];
    }),
  );
}

const ends = () => series('sluice_credential_expiry_timestamp_seconds');
const seconds = (time: string): number => Date.parse(time) / 1000;
const keyOf = (name: string, key: string, expiresAt?: string): object => ({
  ...{ name, sha256: sha256(key), grants: [{ role: 'viewer', targets: ['*'] }] },
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

describe('what ends', () => {
  it('is told for keys: the last one of a name, and none where one does not end', async () => {
    const first = '2027-03-31T00:00:00Z';
    const last = '2028-03-31T00:00:00Z';
    await start(({ auth }) => {
      auth.apiKeys.push(keyOf('reports', 'a', first), keyOf('reports', 'b', last));
      auth.apiKeys.push(keyOf('night', 'c', first), keyOf('night', 'd'));
    });
    expect(await ends()).toEqual({ '{kind="api-key",name="reports"}': seconds(last) });
    write(({ auth }) => auth.apiKeys.push(keyOf('night', 'c', first)));
    const told = await until(ends, (found) => '{kind="api-key",name="night"}' in found);
    expect(told).toEqual({ '{kind="api-key",name="night"}': seconds(first) });
  });

  it('is told for the certificates that a connection trusts: the first of a file', async () => {
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, selfSigned('127.0.0.1', 2040).cert + selfSigned('127.0.0.1', 2030).cert);
    await start(({ connections }) => Object.assign(connections['tenten'] ?? {}, { ca }));
    expect(await ends()).toEqual({
      '{kind="certificate",name="connections.tenten.ca"}': seconds('2030-12-31T23:59:59Z'),
    });
    write(() => undefined);
    expect(await until(ends, (found) => Object.keys(found).length === 0)).toEqual({});
  });

  it('is told for the certificate that a vendor shows, at each connection', async () => {
    const [first, second] = [selfSigned('127.0.0.1', 2041), selfSigned('127.0.0.1', 2042)];
    writeFileSync(join(folder, 'first'), first.cert);
    writeFileSync(join(folder, 'second'), second.cert);
    const server = createServer(first, (socket) => {
      const inner = connect(Number(new URL(vendors.urls.tentendata).port), '127.0.0.1');
      socket.pipe(inner).pipe(socket);
      for (const end of [socket, inner]) end.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(vendors.urls.tentendata);
    url.protocol = 'https:';
    url.port = String((server.address() as AddressInfo).port);
    const by =
      (ca: string) =>
      ({ connections }: Config): void => {
        Object.assign(connections['tenten'] ?? {}, { ca: join(folder, ca), url: url.href });
      };
    try {
      await start(by('first'));
      const peer = async () => (await ends())['{kind="peer-certificate",name="127.0.0.1"}'];
      expect(await peer()).toBeUndefined();
      await call('/processes?target=bi-pool');
      expect(await peer()).toBe(seconds('2041-12-31T23:59:59Z'));
      server.setSecureContext(second);
      write(by('second'));
      expect(await until(peer, (end) => end === undefined)).toBeUndefined();
      await call('/processes?target=bi-pool');
      expect(await peer()).toBe(seconds('2042-12-31T23:59:59Z'));
    } finally {
      server.close();
    }
  });

  it('is told for the password of a user of IAM, as its answer says', async () => {
    await start();
    vendors.huawei.knobs.passwordExpiresAt = '2026-12-24T00:00:00.000000Z';
    await call('/processes?target=orders');
    expect(await ends()).toEqual({ '{kind="vendor-credential",name="huawei"}': seconds('2026-12-24T00:00:00Z') });
  });
});

describe('the hash of the configuration', () => {
  it('is that of the file that is used, and of what waits for a restart', async () => {
    await start();
    const [first] = Object.values(await series('sluice_config_hash'));
    expect(first).toBeGreaterThan(0);
    expect(await series('sluice_config_pending_hash')).toEqual({ '': 0 });
    const pending = async () => (await series('sluice_config_pending_hash'))[''];
    write(() => undefined, { keepAliveSeconds: 100 });
    const waiting = await until(pending, (value) => value !== 0);
    expect((await series('sluice_config_hash'))['']).not.toBe(first);
    write(() => undefined, { keepAliveSeconds: 200 });
    expect(await until(pending, (value) => value !== waiting)).toBeGreaterThan(0);
    write(() => undefined);
    await until(pending, (value) => value === 0);
    expect((await series('sluice_config_hash'))['']).toBe(first);
  });
});

describe('the keys of token issuers', () => {
  it('tell when they were read, and how often that failed', async () => {
    await start();
    const label = `{issuer="${vendors.urls.issuer}"}`;
    const failures = () => series('sluice_issuer_keys_failures_total');
    const readAt = () => series('sluice_issuer_keys_read_timestamp_seconds');
    expect([await failures(), await readAt()]).toEqual([{ [label]: 0 }, {}]);
    const authorization = `Bearer ${await vendors.identity.token({ sub: 'jo', groups: ['dba'] })}`;
    vendors.faults.add({ kind: 'status', status: 500, vendor: 'identity', times: 1 });
    expect((await call('/targets', { authorization })).status).not.toBe(200);
    expect(await failures()).toEqual({ [label]: 1 });
    const before = Date.now() / 1000;
    await until(
      () => call('/targets', { authorization }),
      ({ status }) => status === 200,
    );
    expect((await readAt())[label]).toBeGreaterThanOrEqual(before - 1);
    write(({ auth }) => (auth.jwt = []));
    expect(await until(failures, (found) => Object.keys(found).length === 0)).toEqual({});
    expect(await readAt()).toEqual({});
  });
});

describe('the calls of a connection', () => {
  it('are told while they run and wait', async () => {
    const concurrency = { inFlight: 1, queue: 8 };
    const pools = ['bi-pool', 'second', 'third'];
    await start(({ connections, targets }) => {
      Object.assign(connections['tenten'] ?? {}, { concurrency });
      for (const pool of pools.slice(1)) targets.push({ name: pool, backend: '1010data', connection: 'tenten', pool });
    });
    const label = '{connection="tenten",service="1010data"}';
    const now = async (name: string) => (await series(`sluice_connection_calls_${name}`))[label];
    expect([await now('in_flight'), await now('queued'), await now('limit')]).toEqual([0, 0, 1]);
    vendors.faults.add({ kind: 'latency', vendor: '1010data', milliseconds: 4000 });
    const looks = pools.map((pool) => call(`/processes?target=${pool}`));
    await until(
      () => now('queued'),
      (value) => value === 2,
    );
    expect(await now('in_flight')).toBe(1);
    vendors.faults.clear();
    await Promise.all(looks);
    expect([await now('in_flight'), await now('queued')]).toEqual([0, 0]);
    write(({ connections, targets }) => {
      delete connections['tenten'];
      targets.splice(0, targets.length, ...targets.filter(({ connection }) => connection !== 'tenten'));
    });
    await until(
      () => now('limit'),
      (value) => value === undefined,
    );
  });
});
