import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, problemOf, sha256 } from './gateway.ts';
import type { Answer, CallOptions, Config, Gateway, GatewayOptions } from './gateway.ts';
import { answer, onRequest, ScriptedServer } from './scripted-server.ts';
import { until } from './until.ts';

let vendors: Vendors;
let gateway: Gateway;

beforeAll(async () => {
  vendors = await startVendors();
});

beforeEach(() => {
  vendors.reset();
});

afterEach(() => gateway.close());
afterAll(() => vendors.close());

async function open(options: Omit<GatewayOptions, 'change'> = {}, change?: (config: Config) => void): Promise<void> {
  gateway = await openGateway({ vendors, ...options, ...(change ? { change } : {}) });
}

/** A gateway with these limits. */
const limited = (limits: object, options: Omit<GatewayOptions, 'change'> = {}) =>
  open(options, (config) => Object.assign(config, { limits }));

const pool = (options?: CallOptions) => gateway.call('GET', '/processes?target=bi-pool', options);
const orders = (options?: CallOptions) => gateway.call('GET', '/processes?target=orders', options);
const metrics = async (key: string = demoKeys.admin) => (await gateway.call('GET', '/metrics', { key })).text;

function expectRefused(refused: Answer, status: number, code: string): void {
  expect([refused.status, problemOf(refused).code, problemOf(refused).retryable]).toEqual([status, code, true]);
  expect(refused.headers['retry-after']).toMatch(/^\d+$/);
}

describe('more requests than may be in flight', () => {
  /** Looks that are held by the vendor until the gateway closes. */
  async function hold(looks: number): Promise<void> {
    vendors.faults.add({ kind: 'silence-before', vendor: 'taurusdb' });
    for (let at = 0; at < looks; at += 1) {
      // Different questions, so that they do not share one listing.
      gateway.call('GET', `/processes?target=orders&node=${at === 0 ? 'primary' : 'replica'}`).catch(() => undefined);
    }
    await vendors.journal.arrival('list-processes', looks);
    vendors.journal.clear();
  }

  it('are refused before anything of them is read or checked; health and metrics are answered', async () => {
    await limited({ overload: { inFlight: 2 } });
    await hold(2);
    expectRefused(await pool(), 503, 'overloaded');
    expectRefused(await pool({ key: 'wrong' }), 503, 'overloaded');
    // Of a body that never comes nothing is waited for.
    const text = await gateway.raw(
      'POST /sessions/flush HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{',
    );
    expect(text).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*"code":"overloaded"/);
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect((await gateway.call('GET', path)).status).toBe(200);
    }
    const told = await metrics();
    expect(told).toContain('sluice_refusals_total{code="overloaded"} 3');
    expect(told).toContain('sluice_requests_limit 2');
    for (const [method, route, count] of [
      ['GET', '/processes', 2],
      ['POST', '/sessions/flush', 1],
    ] as const) {
      const seen = { method, route, status: 503, caller: null, msg: 'request', requestId: expect.any(String) };
      expect(
        gateway.log.filter(
          (line) => 'status' in line && line.status === 503 && 'route' in line && line.route === route,
        ),
      ).toEqual([
        ...(method === 'POST' ? [expect.objectContaining({ msg: 'audit', code: 'overloaded', method, route })] : []),
        ...Array.from({ length: count }, () => expect.objectContaining(seen)),
      ]);
      expect(told).toContain(
        `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${route}",http_response_status_code="503",error_type="overloaded"} ${String(count)}`,
      );
    }
    expect(told).not.toMatch(/sluice_auth_failures_total\{reason="api-key"\} [1-9]/);
    expect(vendors.journal.all()).toEqual([]);
  });

  it('are taken again once there is room', async () => {
    await limited({ overload: { inFlight: 1 } });
    vendors.faults.add({ kind: 'silence-before', vendor: '1010data', times: 1 });
    const caller = new AbortController();
    const held = pool({ signal: caller.signal }).catch(() => undefined);
    await vendors.journal.arrival('samstatus');
    expectRefused(await orders(), 503, 'overloaded');
    caller.abort();
    await held;
    const taken = await until(orders, ({ status }) => status !== 503);
    expect(taken.status).toBe(200);
  });
});

describe('a caller who asks too often', () => {
  it('is refused until its window is over, and told how it stands; others are not', async () => {
    await limited({ caller: { requests: 2, seconds: 3600 } });
    const first = await pool();
    expect([first.status, first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([
      200,
      '"caller";q=2;w=3600',
      '"caller";r=1;t=3600',
    ]);
    expect((await gateway.call('GET', '/targets')).status).toBe(200);
    vendors.journal.clear();
    const refused = await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } });
    expectRefused(refused, 429, 'rate-limited');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3000);
    expect(refused.headers['ratelimit']).toMatch(/^"caller";r=0;t=\d+$/);
    expect(refused.headers['sluice-state']).toBe('failed');
    expect((await pool({ key: demoKeys.viewer })).status).toBe(200);
    expect(vendors.journal.of('flushpool')).toEqual([]);
    expect(await metrics()).toContain('sluice_refusals_total{code="rate-limited"} 1');
  });
});

describe('a caller whose bodies cannot be read', () => {
  it('is held to its rate like any other', async () => {
    await limited({ caller: { requests: 1, seconds: 3600 } });
    const flush = () => gateway.call('POST', '/sessions/flush', { body: '{"a":1,"a":2}' });
    expect((await flush()).status).toBe(400);
    expectRefused(await flush(), 429, 'rate-limited');
  });
});

describe('a target that is asked for too often', () => {
  it('is left alone, whoever asks; other targets are not', async () => {
    await limited({ target: { requests: 2, seconds: 3600 } });
    expect((await pool()).headers['ratelimit']).toMatch(/^"caller";r=999;t=10, "target";r=1;t=3600$/);
    // Forced, since the drain of a graceful one would be watched.
    const first = { targets: ['bi-pool'], mode: 'forced' };
    expect((await gateway.call('POST', '/sessions/flush', { body: first })).status).toBe(200);
    vendors.journal.clear();
    const looked = await pool({ key: demoKeys.viewer });
    expectRefused(looked, 429, 'rate-limited');
    expect(looked.headers['ratelimit']).toMatch(/"target";r=0;t=\d+$/);
    const body = { targets: ['carts', 'bi-pool'], mode: 'forced' };
    const flushed = await gateway.call('POST', '/sessions/flush', { body });
    expectRefused(flushed, 429, 'rate-limited');
    expect(flushed.headers['sluice-operation']).toBeUndefined();
    expect(vendors.journal.all()).toEqual([]);
    expect((await orders()).status).toBe(200);
  });

  it('is not used up by who may not see it, nor by what is refused anyway', async () => {
    await open({}, (config) => {
      Object.assign(config, { limits: { target: { requests: 1, seconds: 3600 } } });
      const grants = [{ role: 'viewer', targets: ['orders'] }];
      config.auth.apiKeys.push({ name: 'narrow', sha256: sha256('narrow'), grants });
    });
    for (let at = 0; at < 3; at += 1) {
      expect((await pool({ key: 'narrow' })).status).toBe(404);
      expect((await gateway.call('GET', '/processes?target=bi-pool&user=')).status).toBe(400);
      expect((await gateway.call('GET', '/targets/bi-pool')).status).toBe(200);
    }
    expect((await pool()).status).toBe(200);
    expectRefused(await pool(), 429, 'rate-limited');
  });
});

describe('wrong credentials from one address', () => {
  const from = (address: string, key: string) => pool({ key, headers: { 'x-forwarded-for': address } });

  it('are not looked at beyond the limit; who was let in before is let in still', async () => {
    await limited({ failedAuthentication: { requests: 3, seconds: 3600 } });
    expect((await pool()).status).toBe(200);
    for (let at = 0; at < 3; at += 1) expect((await pool({ key: `guess-${String(at)}` })).status).toBe(401);
    expectRefused(await pool({ key: 'guess' }), 429, 'rate-limited');
    expectRefused(await pool({ key: demoKeys.viewer }), 429, 'rate-limited');
    // What a caller says of itself is not believed.
    expectRefused(await from('10.0.0.9', 'guess'), 429, 'rate-limited');
    expect((await pool()).status).toBe(200);
    expect((await pool({ key: null })).status).toBe(401);
    expect(await metrics(demoKeys.operator)).toContain('sluice_auth_failures_total{reason="api-key"} 3');
  });

  it('count for the address that a trusted proxy tells', async () => {
    await limited(
      { failedAuthentication: { requests: 2, seconds: 3600 } },
      { server: { trustedProxies: ['127.0.0.0/8', '::1'] } },
    );
    for (let at = 0; at < 2; at += 1) expect((await from('10.0.0.1', 'guess')).status).toBe(401);
    expectRefused(await from('10.0.0.1', 'guess'), 429, 'rate-limited');
    // Only the last address was added by the proxy.
    expectRefused(await from('10.0.0.7, 10.0.0.1', 'guess'), 429, 'rate-limited');
    expect((await from('10.0.0.2', 'guess')).status).toBe(401);
    expect((await from('10.0.0.2', demoKeys.operator)).status).toBe(200);
  });

  it('are not limited where mistakes are ordinary', async () => {
    await open();
    for (let at = 0; at < 100; at += 1) expect((await pool({ key: 'old' })).status).toBe(401);
  });
});

describe('a vendor that does not answer', () => {
  it('keeps nobody from another one, however many wait for it', async () => {
    await open({ traffic: { concurrency: { inFlight: 4, queue: 4 } } });
    vendors.faults.add({ kind: 'silence-before', vendor: 'taurusdb' });
    const kill = (id: number) => gateway.call('DELETE', `/processes?target=orders&node=primary&id=${String(id)}`);
    const held = Array.from({ length: 30 }, (_, at) => kill(at + 1).catch(() => null));
    await vendors.journal.arrival('list-processes', 4);
    const shed = await Promise.race(held);
    if (shed === null) throw new Error('None of them was answered.');
    expectRefused(shed, 503, 'overloaded');
    for (let at = 0; at < 20; at += 1) {
      const flushed = await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'] } });
      expect(flushed.status).toBe(200);
      expect((await gateway.call('GET', '/processes?target=carts&limit=1')).status).toBe(200);
    }
    expect(vendors.journal.of('list-processes')).toHaveLength(4);
  });
});

describe('a vendor that throttles', () => {
  it('in its own words is not asked again before it said, and callers are told when', async () => {
    await open();
    vendors.faults.add({ kind: 'throttle', policy: 'user', vendor: 'taurusdb' });
    const first = await orders();
    expectRefused(first, 503, 'upstream-throttled');
    expect(first.headers['retry-after']).toBe('300');
    const asked = vendors.journal.of('list-processes').length;
    vendors.faults.clear();
    const second = await orders();
    expectRefused(second, 503, 'upstream-throttled');
    const wait = Number(second.headers['retry-after']);
    expect(wait).toBeLessThanOrEqual(300);
    expect(wait).toBeGreaterThan(200);
    expect(vendors.journal.of('list-processes')).toHaveLength(asked);
    // Others of the same connection are not meant.
    expect((await gateway.call('GET', '/processes?target=carts&limit=1')).status).toBe(200);
  });

  it('for a moment is waited for', async () => {
    await open();
    vendors.faults.add({ kind: 'throttle', policy: 'ip', vendor: 'taurusdb', times: 1 });
    expect((await gateway.call('GET', '/processes?target=orders&node=primary')).status).toBe(200);
    const [refused, repeated] = vendors.journal.of('list-processes');
    expect((repeated?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });
});

describe("a vendor's clock that is wrong", () => {
  it('is told by a metric, and by one warning', async () => {
    const date = `Date: ${new Date(Date.now() - 1_000_000).toUTCString()}`;
    await using vendor = await ScriptedServer.start(onRequest(answer(400, 'no', date)));
    await open({}, ({ connections }) => Object.assign(connections['tenten'] ?? {}, { url: vendor.url('/gw') }));
    for (let at = 0; at < 3; at += 1) expect((await pool()).status).toBe(502);
    const [, seconds] =
      /sluice_vendor_clock_skew_seconds\{connection="tenten",service="1010data"\} (\S+)/.exec(await metrics()) ?? [];
    expect(Number(seconds)).toBeLessThan(-990);
    const warnings = gateway.log.filter((line) => 'msg' in line && String(line.msg).includes('clock'));
    expect(warnings).toMatchObject([{ level: 'warn', connection: 'tenten', service: '1010data' }]);
    expect(vendor.ledger).toHaveLength(3);
  });
});
