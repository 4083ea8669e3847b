import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { backends } from '../src/backends/backends.module.js';
import { InvalidConfiguration } from '../src/platform/config/errors.js';
import { loadConfiguration } from '../src/platform/config/load.js';
import { startProxy, type Proxy } from './connection-proxy.ts';
import {
  configFor,
  openGateway,
  operationOf,
  problemOf,
  writeConfig,
  type Gateway,
  type GatewayOptions,
} from './gateway.ts';

let vendors: Vendors;
let gateway: Gateway | undefined;
let folder: string;

beforeAll(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'sluice-connection-'));
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  vendors.reset();
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await vendors.close();
});

async function open(options: GatewayOptions): Promise<Gateway> {
  gateway = await openGateway({ vendors, ...options });
  return gateway;
}

const flushPool = (on: Gateway) =>
  on.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'], mode: 'forced' }, headers: { prefer: 'wait=5' } });
const lookAtPool = (on: Gateway) => on.call('GET', '/processes?target=bi-pool');

/** What the checks say against a configuration of the 1010data connection. */
function faultsOf(members: object): readonly string[] {
  const config = configFor(vendors, { change: ({ connections }) => Object.assign(connections.tenten!, members) });
  const { file, drop } = writeConfig(JSON.stringify(config));
  try {
    loadConfiguration(file, backends, { ...process.env, TENTEN_PASSWORD: 'a', IAM_PASSWORD: 'b', PROXY_PASSWORD: 'c' });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    return thrown.errors.map(({ path, message }) => `${path} ${message}`);
  } finally {
    drop();
  }
}

describe('the concurrency of a connection', () => {
  it('bounds what is under way at the vendor, and sheds what cannot even wait', async () => {
    const on = await open({
      traffic: { concurrency: { inFlight: 2, queue: 1 } },
      change: ({ targets }) => {
        targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
      },
    });
    vendors.faults.add({ kind: 'silence-before', vendor: '1010data', times: 2 });
    const held = [lookAtPool(on), on.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } })];
    // They end with the gateway.
    for (const one of held) one.catch(() => undefined);
    await vendors.journal.arrival('samstatus');
    await vendors.journal.arrival('flushpool');
    const waiting = on.call('POST', '/sessions/flush', {
      body: { targets: ['spare'], mode: 'forced' },
      headers: { prefer: 'wait=0' },
    });
    expect((await waiting).status).toBe(202);
    const shed = await on.call('POST', '/sessions/tune', {
      body: { target: 'bi-user', settings: { infinityToNa: true } },
      headers: { prefer: 'wait=5' },
    });
    expect(shed.status).toBe(503);
    expect(problemOf(shed)).toMatchObject({ code: 'overloaded', retryable: true });
    expect(shed.headers['retry-after']).toBeDefined();
    expect(vendors.journal.all()).toHaveLength(2);
  });
});

describe('the timeouts of a connection', () => {
  it('end an answer that takes too long: what was sent is unknown', async () => {
    const on = await open({ traffic: { timeouts: { answerMs: 100 } } });
    vendors.faults.add({ kind: 'silence-after', vendor: '1010data', call: 'resetpool' });
    const answer = await flushPool(on);
    expect([answer.status, problemOf(answer).code]).toEqual([424, 'outcome-unknown']);
    expect(vendors.journal.of('resetpool')).toHaveLength(1);
  });

  it('end a look as a whole, however many answers it needs', async () => {
    const on = await open({ traffic: { timeouts: { lookMs: 150, answerMs: 10_000 } } });
    vendors.faults.add({ kind: 'silence-after', vendor: '1010data' });
    const answer = await lookAtPool(on);
    expect([answer.status, problemOf(answer).code]).toEqual([504, 'upstream-timeout']);
  });

  it('end an attempt to connect, and nothing was sent', async () => {
    const silent = await startProxy();
    silent.behaviour = 'silence';
    const on = await open({ traffic: { timeouts: { connectMs: 100, answerMs: 400 }, proxy: { url: silent.url } } });
    const answer = await flushPool(on);
    expect(answer.status).not.toBe(424);
    expect(problemOf(answer)).toMatchObject({ retryable: true });
    expect(vendors.journal.all()).toEqual([]);
    await silent.close();
  });
});

describe('the breaker of a connection', () => {
  it('opens after so many failures, and tries again when its time is over', async () => {
    const on = await open({ traffic: { breaker: { failures: 2, openMs: 300 } } });
    vendors.faults.add({ kind: 'status', status: 503, vendor: '1010data' });
    await flushPool(on);
    await flushPool(on);
    expect(vendors.journal.of('resetpool')).toHaveLength(2);
    const refused = await flushPool(on);
    expect([refused.status, problemOf(refused).code]).toEqual([503, 'upstream-unavailable']);
    expect(vendors.journal.of('resetpool')).toHaveLength(2);
    vendors.faults.clear();
    const opened = Date.now();
    let answer = refused;
    while (answer.status === 503) answer = await flushPool(on);
    expect(answer.status).toBe(200);
    expect(Date.now() - opened).toBeGreaterThan(100);
    expect(Date.now() - opened).toBeLessThan(5000);
    expect(vendors.journal.of('resetpool')).toHaveLength(3);
  });
});

describe('an instance that fails', () => {
  it('is left alone by itself: whoever looks at it keeps nobody from another one of its connection', async () => {
    const on = await open({
      traffic: { breaker: { failures: 3, openMs: 60_000 } },
      change: ({ targets }) => {
        targets.push({ name: 'spare', backend: '1010data', connection: 'tenten', pool: 'acme_spare' });
      },
    });
    vendors.faults.add({ kind: 'status', status: 500, vendor: '1010data', contains: 'acme_spare' });
    const looks: number[] = [];
    const flushes: number[] = [];
    const look = async (): Promise<void> => {
      for (let count = 0; count < 30; count += 1) {
        looks.push((await on.call('GET', '/processes?target=spare')).status);
      }
    };
    const flush = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) flushes.push((await flushPool(on)).status);
    };
    await Promise.all([look(), look(), flush()]);
    expect(new Set(looks)).toEqual(new Set([503]));
    expect(new Set(flushes)).toEqual(new Set([200]));
    const asked = vendors.journal.of('samstatus').length;
    expect(asked).toBeLessThan(30);
    expect(vendors.journal.of('resetpool')).toHaveLength(20);
    const refused = await on.call('GET', '/processes?target=spare');
    expect(problemOf(refused)).toMatchObject({ code: 'upstream-unavailable', retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(vendors.journal.of('samstatus')).toHaveLength(asked);
  });
});

describe('the proxy of a connection', () => {
  let proxy: Proxy;

  beforeAll(async () => {
    proxy = await startProxy();
  });

  afterEach(() => {
    proxy.behaviour = 'open';
    (proxy.ledger as unknown[]).length = 0;
  });

  afterAll(async () => {
    await proxy.close();
  });

  const throughProxy = (): GatewayOptions => ({
    traffic: { proxy: { url: proxy.url, user: 'sluice', password: { env: 'IAM_PASSWORD' } } },
  });

  it('is gone through by every call, with its own credentials', async () => {
    const on = await open(throughProxy());
    const looked = await on.call('GET', '/processes?target=bi-pool&target=ledger&target=orders&target=carts');
    expect(looked.status).toBe(200);
    expect(looked.headers['sluice-completed']).not.toBe('false');
    expect((await flushPool(on)).status).toBe(200);
    const { tentendata, iam, gaussdb, taurusdb, dcs } = vendors.urls;
    const hosts = [tentendata, iam, gaussdb, taurusdb, dcs].map((url) => new URL(url).host);
    expect([...new Set(proxy.ledger.map(({ to }) => to))].toSorted()).toEqual(hosts.toSorted());
    const basic = `Basic ${Buffer.from('sluice:iamPass!1').toString('base64')}`;
    expect(new Set(proxy.ledger.map(({ authorization }) => authorization))).toEqual(new Set([basic]));
    expect(
      vendors.journal
        .all()
        .flatMap(({ raw }) => Object.keys(raw.headers))
        .filter((name) => name.startsWith('proxy')),
    ).toEqual([]);
  });

  it.each([407, 502, 'reset'] as const)(
    'that does not open a tunnel (%s) means that nothing was sent',
    async (behaviour) => {
      const on = await open(throughProxy());
      proxy.behaviour = behaviour;
      const answer = await flushPool(on);
      expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([
        503,
        'upstream-unavailable',
        true,
      ]);
      expect(operationOf({ ...answer, body: problemOf(answer).operation })).toMatchObject({ state: 'failed' });
      expect(proxy.ledger).toHaveLength(1);
      expect(vendors.journal.all()).toEqual([]);
    },
  );

  it('is never taken from the environment', async () => {
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
    try {
      expect((await flushPool(await open({}))).status).toBe(200);
      expect(proxy.ledger).toEqual([]);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });

  it.each([
    [
      { url: 'socks5://127.0.0.1:1' },
      'connections.tenten.proxy.url must be an http: or https: address without credentials, path and query',
    ],
    [
      { url: 'http://me:secret@127.0.0.1:1' },
      'connections.tenten.proxy.url must be an http: or https: address without credentials, path and query',
    ],
    [
      { url: 'http://proxy.example:3128/pac' },
      'connections.tenten.proxy.url must be an http: or https: address without credentials, path and query',
    ],
    [
      { url: 'nonsense' },
      'connections.tenten.proxy.url must be an http: or https: address without credentials, path and query',
    ],
    [
      { url: 'http://proxy.example:3128', user: 'a', password: { env: 'PROXY_PASSWORD' } },
      'connections.tenten.proxy.url must be an https: address where a password is sent to it',
    ],
    [
      { url: 'https://proxy.example:3128', user: 'a' },
      'connections.tenten.proxy must have both user and password, or neither',
    ],
    [
      { url: 'https://proxy.example:3128', user: 'a', password: 'literal' },
      'connections.tenten.proxy.password must be a reference to a secret: {env: NAME} or {file: PATH}',
    ],
  ])('is checked: %j', (proxyConfig, fault) => {
    expect(faultsOf({ proxy: proxyConfig })).toEqual([fault]);
  });

  it('may be a plain one without a password, and any other with one', () => {
    expect(faultsOf({ proxy: { url: 'http://proxy.example:3128' } })).toEqual([]);
    expect(
      faultsOf({ proxy: { url: 'https://proxy.example', user: 'a', password: { env: 'PROXY_PASSWORD' } } }),
    ).toEqual([]);
  });
});

describe('the certificates that a connection trusts', () => {
  let vendor: ReturnType<typeof createServer>;
  let ca: string;
  const requests: string[] = [];

  beforeAll(async () => {
    const at = (name: string) => join(folder, name);
    const run = (...parts: string[]) => execFileSync('openssl', parts, { cwd: folder, stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    ca = at('ca.pem');
    run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
    run('req', ...key, '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=vendor');
    writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
    run(
      'x509',
      '-req',
      '-in',
      'own.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'own.pem',
      '-days',
      '2',
      '-extfile',
      'names',
    );
    vendor = createServer(
      { key: readFileSync(at('own.key')), cert: readFileSync(at('own.pem')) },
      (request, response) => {
        requests.push(request.url?.split('&')[0] ?? '');
        response.writeHead(200, { 'content-type': 'text/xml' }).end('<out><rc>0</rc><msg>done</msg></out>');
      },
    );
    vendor.listen(0, '127.0.0.1');
    await once(vendor, 'listening');
  });

  afterEach(() => {
    requests.length = 0;
  });

  afterAll(async () => {
    vendor.closeAllConnections();
    vendor.close();
    await once(vendor, 'close');
  });

  const overTls = (members: object): GatewayOptions => ({
    change: ({ connections }) => {
      const { port } = vendor.address() as AddressInfo;
      Object.assign(connections.tenten!, { url: `https://127.0.0.1:${port}/gw.k`, ...members });
    },
  });

  it('do not include an unknown one: nothing is sent', async () => {
    const answer = await flushPool(await open(overTls({})));
    expect([answer.status, problemOf(answer).code, problemOf(answer).retryable]).toEqual([
      503,
      'upstream-unavailable',
      true,
    ]);
    expect(requests).toEqual([]);
  });

  it('include those of its own file', async () => {
    expect((await flushPool(await open(overTls({ ca })))).status).toBe(200);
    expect(requests).toEqual(['/gw.k?api=resetpool']);
  });

  it('are the same through a proxy, which sees nothing but a tunnel', async () => {
    const proxy = await startProxy();
    const route = { proxy: { url: proxy.url } };
    const refused = await flushPool(await open(overTls(route)));
    expect([refused.status, requests.length]).toEqual([503, 0]);
    await gateway?.close();
    expect((await flushPool(await open(overTls({ ...route, ca })))).status).toBe(200);
    expect(requests).toEqual(['/gw.k?api=resetpool']);
    expect(proxy.ledger.length).toBeGreaterThan(0);
    await proxy.close();
  });

  it('are checked at start, each fault with its path', () => {
    const broken = join(folder, 'broken.pem');
    writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n');
    const missing = join(folder, 'missing.pem');
    const keyOnly = join(folder, 'ca.key');
    expect(faultsOf({ ca: missing })).toEqual([`connections.tenten.ca the file ${missing} cannot be read`]);
    expect(faultsOf({ ca: folder })).toEqual([`connections.tenten.ca the file ${folder} cannot be read`]);
    expect(faultsOf({ ca: keyOnly })).toEqual([
      `connections.tenten.ca the file ${keyOnly} holds no certificate in PEM`,
    ]);
    expect(faultsOf({ ca: broken })).toEqual([
      `connections.tenten.ca the file ${broken} holds a certificate that cannot be used`,
    ]);
    expect(faultsOf({ ca })).toEqual([]);
  });
});
