import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Listener } from '../../sandbox/frame/listener.ts';
import { ACCESS_KEYS } from '../../sandbox/huawei/account.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { authorizationOf } from '../../src/backends/huawei/signature.js';
import { openGateway } from '../gateway.ts';
import { forwardTo, type Passed } from './forwarder.ts';
import { hasPythonClients, installPythonClients, startLines, type LineProgram } from './official.ts';

const services = ['gaussdb', 'taurusdb', 'dcs'] as const;
const withPython = hasPythonClients() ? describe : describe.skip;

withPython('the official signer', () => {
  let signer: LineProgram;
  let vendors: Vendors;
  let forwarders: Listener[] = [];
  const passed: Passed[] = [];

  beforeAll(async () => {
    installPythonClients();
    signer = startLines('resign.py');
    vendors = await startVendors({ huawei: { jobMs: 20 } });
    forwarders = await Promise.all(
      services.map((service) => forwardTo(vendors.urls[service], (request) => passed.push(request))),
    );
  }, 300_000);

  afterAll(async () => {
    await Promise.all([signer.close(), vendors.close(), ...forwarders.map((forwarder) => forwarder.close())]);
  });

  /** What the official signer makes of a request: of the headers that Sluice signed, at the time it signed. */
  async function resigned({ headers, ...request }: Passed, secret: string): Promise<unknown> {
    const [, access = '', names = ''] =
      /Access=([^,]+), SignedHeaders=([^,]+),/.exec(headers.authorization ?? '') ?? [];
    const signed = Object.fromEntries(names.split(';').map((name) => [name, headers[name] ?? '']));
    return signer.ask({ ...request, headers: signed, access, secret });
  }

  it.each(ACCESS_KEYS)('signs each request of Sluice alike, by the key $access', async (key) => {
    passed.length = 0;
    vendors.reset();
    const gateway = await openGateway({
      vendors,
      signed: true,
      change: (config) => {
        const huawei = config.connections['huawei'] as { endpoints: object };
        const urls = forwarders.map((forwarder, index) => [services[index], forwarder.url]);
        const endpoints = { ...huawei.endpoints, ...(Object.fromEntries(urls) as object) };
        Object.assign(huawei, { endpoints, ...keyOf(key) });
      },
      environment: { HUAWEI_AK: key.access, HUAWEI_SK: key.secret, HUAWEI_TOKEN: key.securityToken ?? '' },
    });
    try {
      for (const target of ['ledger', 'orders', 'carts']) {
        const looked = await gateway.call('GET', `/processes?target=${target}&limit=1`);
        const [first] = (looked.body as { items: { id: string; node: string }[] }).items;
        const named = new URLSearchParams({ target, node: first!.node, id: first!.id, reason: 'signed' });
        expect((await gateway.call('DELETE', `/processes?${named.toString()}`)).status).toBe(200);
        const body = { targets: [target], mode: target === 'carts' ? 'forced' : 'graceful', reason: 'signed' };
        expect((await gateway.call('POST', '/sessions/flush', { body })).status).toBeLessThan(300);
      }
    } finally {
      await gateway.close();
    }
    expect(vendors.journal.all().filter(({ answer }) => (answer?.status ?? 500) >= 300)).toEqual([]);
    const calls = new Set(vendors.journal.all().map(({ call }) => call));
    for (const call of ['real-time-session', 'kill-session', 'list-processes', 'delete-processes', 'kill-clients']) {
      expect(calls).toContain(call);
    }
    for (const request of passed) expect(await resigned(request, key.secret)).toBe(request.headers.authorization);
  });

  it.each([
    'time1=a&time=b',
    'time=b&time=a&time1=c',
    'a-b=1&a=2&a%20b=3',
    'limit=1000&offset=0&node_id=x~y%2Fz',
    'empty=&z=%F0%9F%98%80&z=%EF%BF%BD',
  ])('orders the query %s alike', async (query) => {
    const headers = { host: '127.0.0.1:1', 'x-sdk-date': '20260301T080000Z' };
    const path = '/v3/a%20b/~c';
    const request = { method: 'GET' as const, url: `http://127.0.0.1:1${path}?${query}`, headers, body: null };
    const ours = authorizationOf(request, 'AK', 'SK');
    expect(await signer.ask({ ...request, path, query, body: '', access: 'AK', secret: 'SK' })).toBe(ours);
  });
});

function keyOf({ securityToken }: { readonly securityToken?: string }): object {
  const env = (name: string) => ({ env: name });
  return {
    auth: {
      aksk: {
        accessKey: env('HUAWEI_AK'),
        secretKey: env('HUAWEI_SK'),
        ...(securityToken !== undefined && { securityToken: env('HUAWEI_TOKEN') }),
      },
    },
  };
}
