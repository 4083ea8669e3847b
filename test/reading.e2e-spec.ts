import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Mishap } from '../sandbox/frame/fault.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { callsOfBackends, lookAt, type BackendCall } from './backend-calls.js';
import { openGateway, problemOf, type Gateway } from './gateway.js';

/** Every call of every backend, and of IAM, which the Huawei ones need. */
const calls: readonly BackendCall[] = [
  ...(await callsOfBackends()),
  { backend: 'iam', call: 'tokens', target: 'orders', does: 'help', by: lookAt('orders') },
];

/** What a 200 may hold that is no success. */
const wrong = ({ backend }: BackendCall): readonly (readonly [what: string, mishap: Mishap])[] => [
  ['garbage', { kind: 'wrong-content', content: 'garbage' }],
  ['another content type', { kind: 'wrong-content', content: backend === '1010data' ? 'json' : 'xml' }],
];

const refusal = ({ backend }: BackendCall): Mishap => ({
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
async function toldAfter({ backend, call, emulated, target, by }: BackendCall, mishap: Mishap) {
  const gateway = await openGateway({
    vendors,
    signed: backend !== 'iam',
    traffic: { breaker: { failures: 1, openMs: 60_000 } },
  });
  try {
    vendors.faults.add({ vendor: backend, call: emulated ?? call, ...mishap });
    const [method, path, body] = by;
    const answer = await gateway.call(method, path, body === undefined ? {} : { body });
    const { text: metrics } = await gateway.call('GET', '/metrics');
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
