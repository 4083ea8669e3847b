import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt, type BuiltGateway, type BuiltOptions } from './built-gateway.ts';
import { configFor, demoKeys, sha256, type Config } from './gateway.ts';
import { startCollector, type CollectedSpan, type Collector } from './otlp-collector.ts';
import { leaksIn } from './secrets-search.ts';

const deadlineMs = 10_000;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${callerSpan}-01`;

let vendors: Vendors;
let collector: Collector;
let gateway: BuiltGateway;
let url: string;

beforeEach(async () => {
  [vendors, collector] = await Promise.all([startVendors(), startCollector()]);
});

afterEach(async () => {
  await gateway.close();
  await Promise.all([vendors.close(), collector.close()]);
});

async function start(options: BuiltOptions = {}, change?: (config: Config) => void): Promise<void> {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...options.environment };
  gateway = startBuilt(JSON.stringify(configFor(vendors, change ? { change } : {})), { ...options, environment });
  ({ url } = await gateway.listening());
}

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const credentials = 'authorization' in headers || 'x-api-key' in headers ? {} : { 'x-api-key': demoKeys.operator };
  const answer = await fetch(url + path, {
    method,
    headers: { ...credentials, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`In ${String(deadlineMs)} ms not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Stops the gateway in order: what was collected by then is all there is. */
async function stop(): Promise<void> {
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe(0);
}

const named = (name: string): readonly CollectedSpan[] => collector.spans.filter((span) => span.name === name);
const childrenOf = ({ spanId }: CollectedSpan) => collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId);

describe('spans', () => {
  it('are sent for a request, for each target, and for each attempt at a vendor', async () => {
    await start();
    vendors.faults.add({ vendor: '1010data', call: 'samstatus', kind: 'status', status: 503, times: 1 });
    const looked = await call('GET', '/processes?target=bi-pool&target=orders&user=nobody', {
      traceparent,
      'x-request-id': 'mine-1',
    });
    expect(looked.status).toBe(200);
    await stop();
    const [request] = named('GET /processes');
    expect(request).toMatchObject({
      traceId,
      parentSpanId: callerSpan,
      kind: 2,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/processes',
        'http.response.status_code': 200,
        'sluice.request_id': 'mine-1',
      },
    });
    const targets = childrenOf(request!);
    expect(targets.map(({ name, kind, attributes }) => ({ name, kind, ...attributes }))).toEqual(
      expect.arrayContaining([
        {
          name: 'look',
          kind: 1,
          'sluice.kind': 'look',
          'sluice.target': 'bi-pool',
          'sluice.backend': '1010data',
          'sluice.outcome': 'ok',
        },
        {
          name: 'look',
          kind: 1,
          'sluice.kind': 'look',
          'sluice.target': 'orders',
          'sluice.backend': 'taurusdb',
          'sluice.outcome': 'ok',
        },
      ]),
    );
    const pool = targets.find(({ attributes }) => attributes['sluice.target'] === 'bi-pool')!;
    // One attempt failed, the next did not.
    expect(
      childrenOf(pool).map(({ name, kind, status, attributes }) => [name, kind, status, attributes['sluice.outcome']]),
    ).toEqual([
      ['1010data samstatus', 3, 2, 'upstream-unavailable'],
      ['1010data samstatus', 3, 0, 'ok'],
    ]);
    const orders = targets.find(({ attributes }) => attributes['sluice.target'] === 'orders')!;
    expect(
      childrenOf(orders)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual([
      expect.stringMatching(/^iam /),
      ...Array<string>(2).fill('taurusdb list-processes'),
      'taurusdb show-instance',
    ]);
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  });

  it('are sent for operations, with what came of each target', async () => {
    await start();
    vendors.faults.add({ vendor: '1010data', call: 'flushpool', kind: 'reset-after' });
    const flushed = await call('POST', '/sessions/flush', { traceparent }, { targets: ['bi-pool', 'ledger'] });
    expect(flushed.status).toBe(207);
    const refused = await call('DELETE', '/processes?target=orders&state=idle&max=1', { traceparent });
    expect(refused.status).toBe(422);
    await stop();
    const [flush] = named('POST /sessions/flush');
    expect(
      childrenOf(flush!).map(({ name, attributes }) => [
        name,
        attributes['sluice.target'],
        attributes['sluice.outcome'],
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['sessions.flush', 'bi-pool', 'unknown'],
        ['sessions.flush', 'ledger', 'succeeded'],
      ]),
    );
    const [kill] = named('DELETE /processes');
    expect(childrenOf(kill!).map(({ attributes }) => attributes['sluice.outcome'])).toEqual(['too-many-processes']);
  });

  it('begin a trace of their own where the caller names none, and logs tell it', async () => {
    await start();
    await call('GET', '/targets');
    await call('GET', '/nowhere', { traceparent: 'nonsense' });
    await call('GET', '/targets', { traceparent });
    await stop();
    const requests = gateway.log.filter((line) => 'route' in line);
    const spans = collector.spans.filter(({ kind }) => kind === 2);
    expect(requests.map(({ trace_id, span_id }) => [trace_id, span_id])).toEqual(
      spans.map((span) => [span.traceId, span.spanId]),
    );
    expect(requests.map((line) => line['traceId'])).toEqual(requests.map((line) => line['trace_id']));
    expect(spans.map(({ name }) => name)).toEqual(['GET /targets', 'GET unmatched', 'GET /targets']);
    expect(spans.map((span) => span.traceId === traceId)).toEqual([false, false, true]);
  });

  it('are not sent for what a caller does not sample', async () => {
    await start();
    await call('GET', '/targets', { traceparent: traceparent.replace(/01$/, '00') });
    await stop();
    expect(collector.spans).toEqual([]);
    expect(gateway.log.find((line) => 'route' in line)).toMatchObject({ trace_id: traceId });
  });

  it('hold no secret, and vendors hear nothing of them', async () => {
    const key = 'operator+key/with "odd" signs=1';
    const password = 'Own&er "pass" \\ 100%+ü<word>';
    vendors.tentendata.changePassword('acme_owner', password);
    await start({ environment: { TENTEN_PASSWORD: password } }, (config) => {
      config.auth.apiKeys = [
        { name: 'app', sha256: sha256(key), grants: [{ role: 'admin', targets: ['*'], statements: true }] },
      ];
      const { huawei } = config.connections;
      const aksk = { accessKey: { env: 'HUAWEI_AK' }, secretKey: { env: 'HUAWEI_SK' } };
      const endpoints = Object.fromEntries(
        (['gaussdb', 'taurusdb', 'dcs'] as const).map((name) => [
          name,
          vendors.urls[name].replace('127.0.0.1', 'localhost'),
        ]),
      );
      config.connections['signed'] = { ...huawei, auth: { aksk }, endpoints };
      config.targets.push({ ...config.targets[3]!, name: 'signed-orders', connection: 'signed' });
    });
    const jwt = await vendors.identity.token({ sub: 'sue', groups: ['dba'] });
    const own = { 'x-api-key': key, traceparent };
    const all = 'target=bi-pool&target=orders&target=ledger&target=carts&target=signed-orders';
    const everything = async (): Promise<void> => {
      await Promise.all([
        call('GET', `/processes?${all}&token=${jwt}`, own),
        call('GET', `/processes?${all}`, { authorization: `Bearer ${jwt}`, traceparent }),
        call('GET', `/processes?${all}`, { authorization: `Bearer ${jwt}`, ...own }),
        call('POST', '/sessions/tune', own, { target: 'bi-user', settings: { infinityToNa: true } }),
        call('POST', '/sessions/flush', own, { targets: ['bi-pool', 'orders', 'ledger', 'carts'], reason: 'why' }),
        call('DELETE', '/processes?target=signed-orders&node=primary&id=2075425', own),
      ]);
    };
    await everything();
    const session = vendors.tentendata.session('acme_owner');
    // Vendors repeat what they were sent, and answers get lost.
    vendors.faults.replace([
      {
        vendor: '1010data',
        kind: 'reply',
        status: 200,
        body: `<out><rc>4</rc><msg>wrong: ${session!.sid}</msg></out>`,
        times: 2,
      },
      {
        vendor: 'taurusdb',
        kind: 'reply',
        status: 401,
        body: JSON.stringify({ message: gatewayEnvironment.HUAWEI_SK }),
        times: 2,
      },
      { vendor: '1010data', kind: 'reset-after', times: 2 },
      { vendor: 'dcs', kind: 'status', status: 500, times: 2 },
    ]);
    await everything();
    await stop();
    const secrets = new Map<string, string>([
      ['API key', key],
      ['1010data password', password],
      ['IAM password', gatewayEnvironment.IAM_PASSWORD],
      ['access key', gatewayEnvironment.HUAWEI_AK],
      ['secret key', gatewayEnvironment.HUAWEI_SK],
      ['JWT', jwt],
      ['sid', session!.sid],
      ['encrypted password', session!.encryptedPassword],
      ['gateway', 'gw.k'],
      ['address', '127.0.0.1:' + new URL(vendors.urls.dcs).port],
    ]);
    for (const { raw } of vendors.journal.all()) {
      const { 'x-auth-token': token, authorization } = raw.headers;
      if (typeof token === 'string') secrets.set('token', token);
      const signature = /Signature=(\w+)/.exec(authorization ?? '')?.[1];
      if (signature !== undefined) secrets.set('signature', signature);
    }
    expect([...secrets.keys()]).toEqual(expect.arrayContaining(['token', 'signature']));
    expect(collector.spans.length).toBeGreaterThan(50);
    expect(leaksIn({ spans: collector.bytes(), log: gateway.output() }, secrets)).toEqual([]);
    const keys = new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...keys].toSorted()).toEqual([
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'sluice.backend',
      'sluice.call',
      'sluice.kind',
      'sluice.outcome',
      'sluice.request_id',
      'sluice.target',
    ]);
    const told = vendors.journal.all().filter(({ vendor }) => vendor !== 'identity');
    expect(told.length).toBeGreaterThan(20);
    const headers = told.flatMap(({ raw }) => Object.keys(raw.headers));
    expect(headers.filter((name) => /trace|baggage|b3|request-id/.test(name))).toEqual([]);
    expect(JSON.stringify(told.map(({ raw }) => raw))).not.toContain(traceId);
  }, 40_000);
});

describe('a collector', () => {
  it('that is not there disturbs no request', async () => {
    await start({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' } });
    for (let count = 0; count < 20; count += 1) expect((await call('GET', '/targets')).status).toBe(200);
    gateway.signal('SIGTERM');
    const begun = Date.now();
    expect(await gateway.ended).toBe(0);
    expect(Date.now() - begun).toBeLessThan(6000);
  });

  it('that says nothing does not hold up the end', async () => {
    await collector.close();
    collector = await startCollector({ silent: true });
    await start();
    expect((await call('GET', '/targets')).status).toBe(200);
    await until(() => collector.bytes() !== '', 'spans sent');
    gateway.signal('SIGTERM');
    const begun = Date.now();
    expect(await gateway.ended).toBe(0);
    expect(Date.now() - begun).toBeLessThan(6000);
  });

  it('with an address that is none is told, and does without', async () => {
    await start({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'not an address' } });
    expect((await call('GET', '/targets')).status).toBe(200);
    await stop();
  });
});

describe('without a collector', () => {
  // Tells every module that is loaded, imported or required. prom-client requires the bare API, which does nothing, for
  // itself.
  const watchModules = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) {
      if (url.includes('/@opentelemetry/') && !url.includes('/@opentelemetry/api/')) process.stderr.write('LOADED ' + url + '\\n');
      return next(url, context);
    } });`;
  const nodeArguments = ['--import', `data:text/javascript,${encodeURIComponent(watchModules)}`];

  it.each([
    ['without the variable', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    ['with OTEL_SDK_DISABLED', { OTEL_SDK_DISABLED: 'true' }, false],
    ['with the variable', {}, true],
  ] as const)('not one module is loaded: %s', async (_name, environment, isLoaded) => {
    await start({ environment, nodeArguments });
    expect((await call('GET', '/processes?target=bi-pool', { traceparent })).status).toBe(200);
    await stop();
    expect(gateway.output().includes('LOADED ')).toBe(isLoaded);
    expect(collector.spans.length > 0).toBe(isLoaded);
    const line = gateway.log.find((one) => 'route' in one);
    expect(line).toMatchObject({ traceId, trace_id: traceId });
    expect('span_id' in line!).toBe(isLoaded);
  });
});
