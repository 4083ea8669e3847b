import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DCS } from '../../sandbox/huawei/dcs/seed.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway, type BuiltOptions } from '../built-gateway.ts';
import { configFor, openGateway, problemOf, type Config, type GatewayOptions } from '../gateway.ts';
import { mutationsOf } from '../safeguards-places.ts';
import { ScriptedServer, onRequest, reset } from '../scripted-server.ts';
import { until } from '../until.ts';
import { ask, type Answered } from './ask.ts';

let vendors: Vendors;
let gateway: BuiltGateway | undefined;

beforeAll(async () => {
  vendors = await startVendors();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

afterAll(() => vendors.close());

async function start(options: GatewayOptions, built: BuiltOptions = {}): Promise<string> {
  const config = JSON.stringify(configFor(vendors, { signed: true, ...options }));
  gateway = startBuilt(config, { ...built, environment: { LOG_LEVEL: 'info' } });
  return (await gateway.listening()).url;
}

const flush = (url: string, target: string): Promise<Answered> =>
  ask(url, 'POST', '/sessions/flush', { body: { targets: [target], mode: 'forced' }, headers: { prefer: 'wait=30' } });

describe('the process of the gateway', () => {
  it('row 43: stands still for longer than a vendor has, and does not blame the vendor', async () => {
    const url = await start({ traffic: { timeouts: { answerMs: 1000 } } });
    vendors.faults.add({ kind: 'latency', vendor: '1010data', call: 'resetpool', milliseconds: 200, when: 'after' });
    const flushing = flush(url, 'bi-pool');
    const entry = await vendors.journal.arrival('resetpool');
    gateway?.signal('SIGSTOP');
    await vendors.journal.ended(entry);
    await sleep(1500);
    gateway?.signal('SIGCONT');
    expect((await flushing).status).toBe(200);
    expect((await ask(url, 'GET', '/health/ready')).status).toBe(200);
    expect(vendors.journal.of('resetpool')).toHaveLength(1);
  });

  it.each([
    ['many caches', 64],
    ['one cache, which share its list', 1],
  ])(
    'row 44: has little memory: of 64 looks at ten thousand clients of %s it answers some',
    async (_which, caches) => {
      const names = addCaches(caches);
      const change = (config: Config): void => {
        for (const name of names) addTarget(config, name);
      };
      // The time of a look is long: a slow machine is another fault.
      const url = await start({ change, traffic: { timeouts: { lookMs: 40_000 } } }, small);
      const look = (index: number) => ask(url, 'GET', `/processes?target=${names[index % caches] ?? ''}&limit=10000`);
      const looks = await Promise.all(Array.from({ length: 64 }, (_, index) => look(index)));
      const statuses = new Set(looks.map(({ status }) => status));
      expect(statuses).toContain(200);
      expect([...statuses].filter((status) => ![200, 503, 504].includes(status))).toEqual([]);
      for (const { status, body } of looks) {
        if (status === 200) expect(body['items']).toHaveLength(10_000);
      }
      expect((await flush(url, 'bi-pool')).status).toBe(200);
      expect((await ask(url, 'GET', '/health/ready')).status).toBe(200);
    },
    120_000,
  );

  it('row 45: runs out of file descriptors: it tells what was sent, and recovers', async () => {
    const url = await start({}, { limit: 'ulimit -n 64' });
    const { hostname, port } = new URL(url);
    // One connection is kept to ask by; callers who say nothing take all the rest.
    const silent: Socket[] = [];
    const asked = connect(Number(port), hostname);
    await new Promise((resolve) => asked.once('connect', resolve));
    for (let index = 0; index < 80; index += 1) {
      silent.push(connect(Number(port), hostname).on('error', () => undefined));
    }
    await sleep(500);
    const body = JSON.stringify({ targets: ['bi-pool'], mode: 'forced' });
    const head = ['POST /sessions/flush HTTP/1.1', 'Host: x', 'X-API-Key: sandbox-demo-key', 'Connection: close'];
    const answered = new Promise<string>((resolve) => {
      let text = '';
      asked.on('data', (piece: Buffer) => (text += piece.toString()));
      asked.once('close', () => {
        resolve(text);
      });
    });
    asked.write(
      `${[...head, 'Content-Type: application/json', `Content-Length: ${String(body.length)}`].join('\r\n')}\r\n\r\n${body}`,
    );
    // Whether there is one left for the vendor is a matter of luck.
    const isDone = (await answered).startsWith('HTTP/1.1 200');
    expect(mutationsOf(vendors)).toHaveLength(isDone ? 1 : 0);
    vendors.journal.clear();
    for (const socket of silent) socket.destroy();
    await until(
      () => flush(url, 'bi-pool').catch(() => null),
      (one) => one?.status === 200,
    );
    expect(mutationsOf(vendors).length).toBeGreaterThan(0);
  });

  it('row 46: has no room left on its disk: nothing is sent, reads go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-full-'));
    const store = { sqlite: { path: join(folder, 'sluice.db') } };
    try {
      // In blocks of 512 bytes: what the tables need, and little more.
      const url = await start({ change: (config) => Object.assign(config, { store }) }, { limit: 'ulimit -f 1000' });
      const statuses = new Set<number>();
      const refused = await until(
        async () => {
          const path = '/processes?target=orders&node=primary&id=2075425&dryRun=true';
          const one = await ask(url, 'DELETE', path);
          statuses.add(one.status);
          return one;
        },
        ({ status }) => status === 503,
        60_000,
      );
      expect(refused.body['code']).toBe('store-unavailable');
      vendors.journal.clear();
      expect((await flush(url, 'bi-pool')).status).toBe(503);
      expect((await ask(url, 'DELETE', '/processes?target=orders&node=primary&id=2075425')).status).toBe(503);
      expect(mutationsOf(vendors)).toEqual([]);
      expect((await ask(url, 'GET', '/processes?target=orders&limit=1')).status).toBe(200);
      expect((await ask(url, 'GET', '/operations')).status).toBe(200);
      expect([...statuses].filter((status) => ![200, 503].includes(status))).toEqual([]);
    } finally {
      await gateway?.close();
      rmSync(folder, { recursive: true });
    }
  }, 90_000);

  it('row 2: waits for a name no longer than it may take to connect, and nobody else does', async () => {
    const slow = `data:text/javascript,${encodeURIComponent(`
      import dns from 'node:dns';
      const { lookup } = dns;
      dns.lookup = (name, ...rest) => name === 'slow.invalid' ? setTimeout(lookup, 5000, name, ...rest) : lookup(name, ...rest);
    `)}`;
    const url = await start(
      {
        traffic: { timeouts: { connectMs: 500 } },
        change: (config) => {
          addPool(config, 'slow', { url: 'https://slow.invalid/gw.k' });
        },
      },
      { nodeArguments: ['--import', slow] },
    );
    const waiting = flush(url, 'slow');
    expect((await flush(url, 'bi-pool')).status).toBe(200);
    const { status, body, milliseconds } = await waiting;
    expect([status, body['retryable']]).toEqual([504, true]);
    expect(milliseconds).toBeLessThan(4500);
  });
});

/** A heap of 128 MB. */
const small: BuiltOptions = { nodeArguments: ['--max-old-space-size=128', '--max-semi-space-size=16'] };

/** So many more caches of ten thousand clients each, by their ids. */
function addCaches(count: number): readonly string[] {
  const { dcs } = vendors.huawei;
  const place = { instanceId: DCS.instanceId, nodeId: DCS.nodeId };
  for (let index = 0; index < 10_000; index += 1) dcs.addClient(place);
  const clients = dcs.clients(place).slice(-10_000);
  const nodes = [
    { id: DCS.nodeId, type: 'master' as const, status: 'Active', ip: '192.168.0.90', clients, listing: null },
  ];
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) dcs.addInstance({ id, nodes: structuredClone(nodes) });
  return ids;
}

function addTarget(config: Config, instanceId: string): void {
  config.targets.push({ name: instanceId, backend: 'dcs', connection: 'huawei', instanceId });
}

function addPool(config: Config, name: string, members: object, connection = name): void {
  config.connections[connection] = { ...config.connections['tenten'], ...members };
  config.targets.push({ name, backend: '1010data', connection, pool: `pool_${name}` });
}

describe('clocks', () => {
  it.each([20, -20])('row 30: %d minutes apart: signed calls are refused, and not repeated', async (minutes) => {
    const skewed = await startVendors({ clock: () => Date.now() + minutes * 60_000 });
    const near = await openGateway({ vendors: skewed, signed: true });
    try {
      const answered = await near.call('POST', '/sessions/flush', { body: { targets: ['carts'], mode: 'forced' } });
      expect([answered.status, problemOf(answered).code]).toEqual([502, 'upstream-rejected']);
      expect(skewed.journal.of('kill-all-clients').length).toBeLessThanOrEqual(1);
      expect(skewed.journal.all().filter(({ executed, answer: told }) => executed && told?.status === 200)).toEqual([]);
    } finally {
      await near.close();
      await skewed.close();
    }
  });

  it.each([20, -20])('row 30: %d minutes apart: a token is asked for once', async (minutes) => {
    const skewed = await startVendors({ clock: () => Date.now() + minutes * 60_000 });
    const near = await openGateway({ vendors: skewed });
    try {
      for (let look = 0; look < 5; look += 1) {
        expect((await near.call('GET', '/processes?target=orders&limit=0')).status).toBe(200);
      }
      expect(skewed.journal.of('tokens')).toHaveLength(1);
    } finally {
      await near.close();
      await skewed.close();
    }
  });
});

describe('one account that fails', () => {
  const pools = Array.from({ length: 10 }, (_, index) => `p${String(index)}`);

  it('rows 25 and 26: is probed once when its time is over, and another account goes on as ever', async () => {
    // Nothing is answered at all: what an instance answers is its own trouble.
    await using server = await ScriptedServer.start(onRequest(reset));
    const near = await openGateway({
      vendors,
      traffic: { breaker: { failures: 3, openMs: 1000 } },
      change: (config) => {
        for (const pool of pools) addPool(config, pool, { url: server.url('/gw.k') }, 'broken');
      },
    });
    const call = (target: string) =>
      near.call('POST', '/sessions/flush', { body: { targets: [target], mode: 'forced' } });
    const resets = () => server.ledger.filter(({ requestLine }) => requestLine.includes('api=resetpool')).length;
    try {
      for (const pool of pools.slice(0, 3)) expect((await call(pool)).status).toBe(424);
      const opened = resets();
      const refused = await Promise.all(pools.slice(3).map(call));
      for (const one of refused) expect([one.status, problemOf(one).code]).toEqual([503, 'upstream-unavailable']);
      expect(resets()).toBe(opened);
      expect((await call('bi-pool')).status).toBe(200);
      await until(
        () => Promise.all(pools.slice(3).map(call)),
        () => resets() > opened || server.ledger.length > opened + 3,
      );
      expect(resets()).toBeLessThanOrEqual(opened + 1);
    } finally {
      await near.close();
    }
  });
});
