import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { openGateway, problemOf, type Gateway } from './gateway.js';

/** A call of a vendor's: as Sluice names it, as the emulator does where that differs, and how a caller gets there. */
interface Asked {
  readonly backend: string;
  readonly call: string;
  readonly emulated?: string;
  readonly target: string;
  readonly by: readonly [method: string, path: string, body?: object];
}

const look = (target: string) => ['GET', `/processes?target=${target}&limit=0`] as const;
const flush = (body: object) => ['POST', '/sessions/flush', body] as const;
const kill = (query: string) => ['DELETE', `/processes?${query}`] as const;
const component = '52c25e148a4a48c293b66ca95565719cno14/cn_5001';
const tune = ['POST', '/sessions/tune', { target: 'bi-user', settings: { infinityToNa: true } }] as const;
const [pool, uid] = [
  { backend: '1010data', target: 'bi-pool' },
  { backend: '1010data', target: 'bi-user' },
];
const [ledger, orders, carts] = [
  { backend: 'gaussdb', target: 'ledger' },
  { backend: 'taurusdb', target: 'orders' },
  { backend: 'dcs', target: 'carts' },
];

/** Every call of every backend. */
const calls: readonly Asked[] = [
  { ...pool, call: 'samstatus', by: look('bi-pool') },
  { ...pool, call: 'flushpool', by: flush({ targets: ['bi-pool'] }) },
  { ...pool, call: 'resetpool', by: flush({ targets: ['bi-pool'], mode: 'forced' }) },
  { ...uid, call: 'login', by: tune },
  { ...uid, call: 'session', by: tune },
  { ...ledger, call: 'real-time-session', by: look('ledger') },
  { ...ledger, call: 'kill-free-session', by: flush({ targets: ['ledger'], node: component }) },
  { ...ledger, call: 'kill-session', by: kill(`target=ledger&node=${component}&state=idle`) },
  { ...orders, call: 'list-processes', by: look('orders') },
  { ...orders, call: 'delete-processes', by: kill('target=orders&node=primary&id=2075425') },
  { ...carts, call: 'logical-nodes', by: look('carts') },
  { ...carts, call: 'scan-clients', by: look('carts') },
  { ...carts, call: 'show-job', by: look('carts') },
  { ...carts, call: 'list-clients', by: look('carts') },
  {
    ...carts,
    call: 'clients/kill',
    emulated: 'kill-clients',
    by: kill('target=carts&node=8f7ee181-88e2-49b7-a4bf-81f18f93a135&minIdleSeconds=300&state=idle'),
  },
  {
    ...carts,
    call: 'clients/kill-all',
    emulated: 'kill-all-clients',
    by: flush({ targets: ['carts'], mode: 'forced' }),
  },
  { backend: 'iam', call: 'tokens', target: 'orders', by: look('orders') },
];

/** What a 200 may hold that is no success. */
const wrong = ({ backend }: Asked): readonly (readonly [what: string, mishap: Mishap])[] => [
  ['garbage', { kind: 'wrong-content', content: 'garbage' }],
  ['another content type', { kind: 'wrong-content', content: backend === '1010data' ? 'json' : 'xml' }],
];

const refusal = ({ backend }: Asked): Mishap => ({
  kind: 'reply',
  status: 200,
  ...(backend === '1010data'
    ? { body: '<out><rc>9</rc><msg>no</msg></out>', contentType: 'text/xml' }
    : { body: '{"success":false}', contentType: 'application/json' }),
});

let vendors: Vendors;

beforeAll(async () => {
  vendors = await startVendors({ huawei: { jobMs: 1 } });
});

afterAll(() => vendors.close());

beforeEach(() => {
  vendors.reset();
});

/** What is told of a call that met this: metric, health and circuit. */
async function toldAfter({ backend, call, emulated, target, by }: Asked, mishap: Mishap) {
  const gateway = await openGateway({
    vendors,
    signed: backend !== 'iam',
    traffic: { breaker: { failures: 1, openMs: 60_000 } },
  });
  try {
    vendors.faults.add({ vendor: backend, call: emulated ?? call, ...mishap });
    const [method, path, body] = by;
    const answer = await gateway.call(method, path, body === undefined ? {} : { body });
    const metrics = await (await fetch(new URL('/metrics', gateway.managementUrl))).text();
    const lines = metrics.split('\n').filter((line) => !line.endsWith(' 0'));
    const outcomes = lines.filter(
      (line) =>
        line.startsWith('sluice_upstream_requests_total{') &&
        line.includes(`backend="${backend}"`) &&
        line.includes(`call="${call}"`),
    );
    const circuit = lines.find((line) => line.startsWith('sluice_circuit_state{') && line.includes(`="${backend}"`));
    return {
      code: problemOf(answer).code,
      outcomes: [...new Set(outcomes.map((line) => /outcome="([^"]*)"/.exec(line)?.[1]))],
      health: await healthOf(gateway, target),
      circuit: /state="([^"]*)"/.exec(circuit ?? '')?.[1],
    };
  } finally {
    await gateway.close();
  }
}

async function healthOf(gateway: Gateway, target: string): Promise<string | undefined> {
  const { body } = await gateway.call('GET', '/targets');
  const { items } = body as {
    readonly items: readonly { readonly name: string; readonly health: { state: string } }[];
  };
  return items.find(({ name }) => name === target)?.health.state;
}

describe.each(calls)('$backend, $call', (asked) => {
  it.each(wrong(asked))('%s in a 200 is an outage of the vendor, whoever looks', async (_what, mishap) => {
    const told = await toldAfter(asked, mishap);
    expect(told).toMatchObject({ outcomes: ['upstream-malformed'], health: 'failing', circuit: 'open' });
    expect(['upstream-malformed', 'outcome-unknown']).toContain(told.code);
  });

  it('a 200 that says it did not succeed is a refusal', async () => {
    const outcome = 'upstream-rejected';
    expect(await toldAfter(asked, refusal(asked))).toEqual({
      code: outcome,
      outcomes: [outcome],
      health: 'failing',
      circuit: 'closed',
    });
  });
});
