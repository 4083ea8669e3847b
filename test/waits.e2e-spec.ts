import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { demoKeys, openGateway, operationOf, type Gateway, type GatewayOptions } from './gateway.ts';
import { hasPostgres, startPostgres, type PostgresServer } from './postgres.ts';
import { until } from './until.ts';

const onPostgres = hasPostgres('waits for an operation of another replica');
const waits = 300;

let vendors: Vendors;
let postgres: PostgresServer | undefined;
let one: Gateway;
let other: Gateway;

beforeAll(async () => {
  if (!onPostgres) return;
  vendors = await startVendors();
  postgres = await startPostgres();
  const environment = { DATABASE_URL: await postgres.database() };
  const change: GatewayOptions['change'] = (config) => {
    Object.assign(config, { store: { postgres: { url: { env: 'DATABASE_URL' } } } });
  };
  [one, other] = [
    await openGateway({ vendors, change, environment }),
    await openGateway({ vendors, change, environment }),
  ];
}, 60_000);

afterAll(async () => {
  if (!onPostgres) return;
  await Promise.all([one.close(), other.close()]);
  await vendors.close();
  await postgres?.drop();
});

/** How often a replica has read an operation. */
async function readsOf(gateway: Gateway): Promise<number> {
  const { text } = await gateway.call('GET', '/metrics');
  return Number(/^sluice_store_duration_seconds_count\{operation="read"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Milliseconds that half of some looks at targets took at most. */
async function medianOf(gateway: Gateway): Promise<number> {
  const took: number[] = [];
  for (let look = 0; look < 40; look += 1) {
    const since = performance.now();
    expect((await gateway.call('GET', '/targets', { key: demoKeys.viewer })).status).toBe(200);
    took.push(performance.now() - since);
  }
  return took.toSorted((left, right) => left - right)[20] ?? 0;
}

(onPostgres ? describe : describe.skip)('300 waits for one operation of another replica', () => {
  it('read it once every half second, and are all told its end', async () => {
    vendors.faults.add({ kind: 'latency', vendor: '1010data', call: 'resetpool', milliseconds: 6000 });
    const body = { targets: ['bi-pool'], mode: 'forced' };
    const begun = await one.call('POST', '/sessions/flush', { body, headers: { prefer: 'respond-async' } });
    const { id } = operationOf(begun);
    const alone = await medianOf(other);
    const before = await readsOf(other);
    const since = performance.now();
    const waiting = Array.from({ length: waits }, () =>
      other.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=45' } }),
    );
    // Each reads it once as it comes; from then on there is one for all.
    await until(
      () => readsOf(other),
      (reads) => reads >= before + waits,
    );
    const beside = await medianOf(other);
    const answers = await Promise.all(waiting);
    const halves = Math.ceil((performance.now() - since) / 500);
    expect(new Set(answers.map((answer) => operationOf(answer).state))).toEqual(new Set(['succeeded']));
    expect((await readsOf(other)) - before).toBeLessThanOrEqual(waits + halves + 1);
    process.stdout.write(
      `p50 of others: ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside ${waits} waits\n`,
    );
  }, 60_000);
});
