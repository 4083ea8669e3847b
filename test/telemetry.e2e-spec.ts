import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openLog } from '../src/platform/telemetry/log.js';
import { demoKeys, openGateway, problemOf, type Gateway } from './gateway.ts';

const most = 3000;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The lines of a scrape that are samples. */
function samples(scrape: string): readonly string[] {
  return scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The value of one series; undefined if it is not there. */
function valueOf(scrape: string, series: string): number | undefined {
  const line = samples(scrape).find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

async function scrapeOf(gateway: Gateway): Promise<string> {
  return (await gateway.call('GET', '/metrics')).text;
}

describe('metrics', () => {
  let vendors: Vendors;
  let gateway: Gateway;
  let atStart: string;
  let afterwards: string;

  beforeAll(async () => {
    vendors = await startVendors();
    gateway = await openGateway({
      vendors,
      traffic: { timeouts: { answerMs: 1500, lookMs: 3000 }, breaker: { failures: 2, openMs: 60_000 } },
      change: ({ targets }) => {
        const [carts] = targets.filter(({ backend }) => backend === 'dcs');
        for (let number = targets.length; number < 20; number += 1) {
          const instanceId = `5560df16-cebf-4473-95c4-${String(number).padStart(12, '0')}`;
          targets.push({ ...carts!, name: `carts-${number}`, instanceId });
        }
      },
    });
    atStart = await scrapeOf(gateway);
    await driveEverything();
    vendors.faults.add({ kind: 'status', status: 503, vendor: 'gaussdb' });
    await driveEverything();
    vendors.faults.replace([
      { kind: 'reset-after', vendor: '1010data' },
      { kind: 'html', vendor: 'dcs' },
    ]);
    await driveEverything();
    afterwards = await scrapeOf(gateway);
  }, 60_000);

  afterAll(async () => {
    await gateway.close();
    await vendors.close();
  });

  async function driveEverything(): Promise<void> {
    const { items } = (await gateway.call('GET', '/targets')).body as { items: { name: string }[] };
    const everything = items.map(({ name }) => `target=${name}`).join('&');
    const wait = { prefer: 'wait=1' };
    const flush = (targets: string[], mode: string) =>
      gateway.call('POST', '/sessions/flush', { body: { targets, mode }, headers: { prefer: 'wait=20' } });
    await Promise.all([
      gateway.call('GET', `/processes?${everything}&user=orders_app&client=10.0.0.7`),
      gateway.call('GET', '/processes?target=orders&target=ledger&target=carts&target=bi-pool'),
      gateway.call('GET', '/targets/orders'),
      gateway.call('GET', '/operations/op_0123456789'),
      gateway.call('GET', '/nowhere/op_0123456789'),
      gateway.call('PUT', '/targets/orders'),
      gateway.call('PROPFIND', '/targets'),
      gateway.call('OPTIONS', '/nowhere'),
      gateway.call('GET', '/openapi.json'),
      gateway.call('GET', '/targets', { key: 'wrong' }),
      gateway.call('GET', '/targets', { key: null }),
      gateway.call('GET', '/targets', { key: null, headers: { authorization: 'Basic x' } }),
      gateway.call('GET', '/targets', { key: null, headers: { authorization: 'Bearer x.y.z' } }),
      gateway.call('POST', '/sessions/flush', { body: '{' }),
      gateway.call('POST', '/sessions/flush', { key: demoKeys.viewer, body: { targets: ['carts'] } }),
      // A target is flushed by one call at a time.
      flush(['bi-pool', 'ledger', 'carts', 'orders'], 'graceful').then(() => flush(['bi-pool'], 'forced')),
      gateway.call('POST', '/sessions/tune', { body: { target: 'bi-user', settings: { infinityToNa: true } } }),
      gateway.call('DELETE', '/processes?target=orders&node=primary&id=2075425'),
      gateway.call('DELETE', '/processes?target=ledger&user=nobody_known', { headers: wait }),
      gateway.call('DELETE', '/processes?target=orders&state=idle&minIdleSeconds=1', { headers: wait }),
    ]);
  }

  it('pass promtool', () => {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: afterwards });
    if (error) {
      if (process.env.CI === 'true') throw new Error('promtool is not installed, and CI needs it.');
      process.stderr.write('promtool is not installed: the names of the metrics were not checked.\n');
      return;
    }
    expect(`${String(stdout)}${String(stderr)}`).toBe('');
    expect(status).toBe(0);
  });

  it.each([
    'sluice_refusals_total{code="forbidden"}',
    'sluice_refusals_total{code="outcome-unknown"}',
    'sluice_auth_failures_total{reason="api-key"}',
    'sluice_auth_failures_total{reason="keys-unavailable"}',
    'sluice_operations_running',
    'sluice_operations_total{kind="sessions.tune",mode="none",target="bi-user",state="succeeded"}',
    'sluice_operations_total{kind="processes.kill",mode="none",target="carts-19",state="unknown"}',
    'sluice_operations_total{kind="sessions.flush",mode="forced",target="bi-pool",state="partial"}',
    'sluice_processes_ended_total{backend="taurusdb",target="orders",kind="processes.kill"}',
    'sluice_processes_ended_total{backend="dcs",target="carts",kind="sessions.flush"}',
    'sluice_token_refresh_total{connection="huawei",outcome="ok"}',
    'sluice_token_refresh_total{connection="huawei",outcome="upstream-rejected"}',
    ...['open', 'half-open'].map(
      (state) => `sluice_circuit_state{connection="tenten",service="1010data",state="${state}"}`,
    ),
    'sluice_record_faults_total',
    'sluice_operations_oldest_running_seconds',
  ])('have %s from the start', (series) => {
    expect(valueOf(atStart, series)).toBe(0);
  });

  it('tell the limit of the heap, and that the configuration is in use', () => {
    expect(valueOf(atStart, 'sluice_heap_limit_bytes')).toBeGreaterThan(2 ** 27);
    expect(valueOf(atStart, 'sluice_config_last_reload_successful')).toBe(1);
  });

  it('tell every circuit as closed at the start', () => {
    const closed = samples(atStart).filter((line) => line.startsWith('sluice_circuit_state') && line.endsWith(' 1'));
    expect(closed.toSorted()).toEqual([
      'sluice_circuit_state{connection="huawei",service="dcs",state="closed"} 1',
      'sluice_circuit_state{connection="huawei",service="gaussdb",state="closed"} 1',
      'sluice_circuit_state{connection="huawei",service="geminidb",state="closed"} 1',
      'sluice_circuit_state{connection="huawei",service="iam",state="closed"} 1',
      'sluice_circuit_state{connection="huawei",service="taurusdb",state="closed"} 1',
      'sluice_circuit_state{connection="tenten",service="1010data",state="closed"} 1',
    ]);
  });

  it('tell which circuit opened, and what was counted', () => {
    const state = (service: string, is: string) =>
      valueOf(afterwards, `sluice_circuit_state{connection="huawei",service="${service}",state="${is}"}`);
    expect([state('gaussdb', 'open'), state('gaussdb', 'closed')]).toEqual([1, 0]);
    expect([state('iam', 'open'), state('iam', 'closed')]).toEqual([0, 1]);
    expect(valueOf(afterwards, 'sluice_token_refresh_total{connection="huawei",outcome="ok"}')).toBe(1);
    expect(
      valueOf(afterwards, 'sluice_processes_ended_total{backend="taurusdb",target="orders",kind="processes.kill"}'),
    ).toBeGreaterThan(0);
    for (const reason of ['missing', 'scheme', 'api-key', 'token'])
      expect(valueOf(afterwards, `sluice_auth_failures_total{reason="${reason}"}`)).toBe(3);
  });

  it('name routes by their templates alone', () => {
    const routes = new Set([...afterwards.matchAll(/http_route="([^"]*)"/g)].map(([, route]) => route));
    expect([...routes].toSorted()).toEqual([
      '/metrics',
      '/openapi.json',
      '/operations/:id',
      '/processes',
      '/sessions/flush',
      '/sessions/tune',
      '/targets',
      '/targets/:name',
      'unmatched',
    ]);
    const series = (method: string, route: string, status: number, code: string) =>
      valueOf(
        afterwards,
        `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${route}",http_response_status_code="${status}",error_type="${code}"}`,
      );
    expect(series('GET', 'unmatched', 404, 'not-found')).toBe(3);
    expect(series('_OTHER', 'unmatched', 404, 'not-found')).toBe(3);
    expect(series('_OTHER', '/targets/:name', 405, 'method-not-allowed')).toBe(3);
    expect(series('_OTHER', '/targets', 405, 'method-not-allowed')).toBe(3);
  });

  it('hold no user, client, statement or id', () => {
    const forbidden =
      /orders_app|10\.0\.0\.7|2075425|nobody_known|op_[0-9a-z]{5}|select |no07|in07|5560df16|0611f1bd|demo-/i;
    expect(samples(afterwards).filter((line) => forbidden.test(line))).toEqual([]);
  });

  it(`are at most ${most} series for 20 targets`, () => {
    expect(samples(afterwards).length).toBeLessThanOrEqual(most);
    expect(samples(afterwards).length).toBeGreaterThan(500);
  });
});

describe('what is under way', () => {
  let gateway: Gateway;

  beforeEach(async () => {
    gateway = await openGateway();
    gateway.vendors.faults.replace([{ kind: 'latency', milliseconds: 800 }]);
  });
  afterEach(async () => {
    gateway.vendors.faults.clear();
    await gateway.close();
  });

  /** Scrapes until a series has this value; the time-out of the test is the limit. */
  async function becomes(series: string, value: number): Promise<void> {
    while (valueOf(await scrapeOf(gateway), series) !== value);
  }

  it('is told of requests, beside the scrape itself, until they end or are given up', async () => {
    const patience = new AbortController();
    const given = gateway.call('GET', '/processes?target=bi-pool', { signal: patience.signal });
    const waited = gateway.call('GET', '/processes?target=orders');
    await becomes('http_server_active_requests', 3);
    patience.abort();
    await expect(given).rejects.toThrow();
    await becomes('http_server_active_requests', 2);
    await waited;
    await becomes('http_server_active_requests', 1);
  });

  it('is told of operations, and for how long the oldest has been', async () => {
    const tune = { target: 'bi-user', settings: { infinityToNa: true } };
    const began = Date.now();
    await gateway.call('POST', '/sessions/tune', { body: tune, headers: { prefer: 'respond-async' } });
    const scrape = await scrapeOf(gateway);
    expect(valueOf(scrape, 'sluice_operations_running')).toBe(1);
    const seconds = valueOf(scrape, 'sluice_operations_oldest_running_seconds');
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual((Date.now() - began) / 1000);
    gateway.vendors.faults.clear();
    await becomes('sluice_operations_running', 0);
    await becomes('sluice_operations_oldest_running_seconds', 0);
  });
});

describe('health', () => {
  it('does not depend on any vendor', async () => {
    const gateway = await openGateway();
    const { vendors } = gateway;
    for (const service of ['tentendata', 'iam', 'gaussdb', 'taurusdb', 'dcs'] as const) await vendors.stop(service);
    const looked = await gateway.call('GET', '/processes?target=orders&target=bi-pool');
    expect(problemOf(looked).code).toBe('upstream-unavailable');
    for (const path of ['/health/ready', '/health/live']) {
      expect(await gateway.call('GET', path, { key: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    }
    const { body } = await gateway.call('GET', '/targets/orders');
    expect(body).toMatchObject({ health: { state: 'failing', code: 'upstream-unavailable' } });
    await gateway.close();
  });

  it('and metrics are on the management port alone, if there is one', async () => {
    const gateway = await openGateway({ server: { management: { port: 0 } } });
    for (const path of ['/health/ready', '/health/live', '/metrics']) {
      expect((await fetch(`${gateway.managementUrl}${path}`)).status).toBe(200);
      const there = await gateway.call('GET', path, { key: null });
      expect([there.status, problemOf(there).code]).toEqual([404, 'not-found']);
    }
    const nothing = await fetch(`${gateway.managementUrl}/targets`);
    expect([nothing.status, nothing.headers.get('content-type')]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    await gateway.close();
  });
});

describe('the access log', () => {
  it('has one line for each request, and vendors hear nothing of traces and ids', async () => {
    const gateway = await openGateway();
    const headers = {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      tracestate: 'a=b',
      baggage: 'c=d',
      'x-request-id': 'mine-1',
    };
    await gateway.call('GET', '/processes?target=orders&target=bi-pool&user=sue', { headers });
    await gateway.call('GET', '/nowhere?secret=1', { key: null, headers: { traceparent: 'nonsense' } });
    const requests = gateway.log.filter((line) => 'route' in line);
    expect(requests).toEqual([
      expect.objectContaining({
        level: 'info',
        requestId: 'mine-1',
        traceId,
        caller: 'demo-operator',
        method: 'GET',
        route: '/processes',
        status: 200,
        durationMs: expect.any(Number),
      }),
      expect.objectContaining({ traceId: null, caller: null, route: 'unmatched', status: 404 }),
    ]);
    expect(JSON.stringify(gateway.log)).not.toMatch(/sue|secret/);
    const told = gateway.vendors.journal.all().flatMap(({ raw }) => Object.keys(raw.headers));
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((name) => /trace|baggage|request-id/.test(name))).toEqual([]);
    expect(JSON.stringify(gateway.vendors.journal.all().map(({ raw }) => raw))).not.toMatch(
      new RegExp(`mine-1|${traceId}`),
    );
    await gateway.close();
  });

  it.each([
    ['trace', 3],
    ['info', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('is written from the level on that is asked for: %s', (level, count) => {
    const lines: string[] = [];
    const log = openLog(level, '1.0.0', { write: (line: string) => lines.push(line) });
    log.debug('one');
    log.info('two');
    log.error('three');
    expect(lines).toHaveLength(count);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
      lines.map(() => expect.objectContaining({ service: 'sluice', version: '1.0.0', time: expect.any(String) })),
    );
  });
});
