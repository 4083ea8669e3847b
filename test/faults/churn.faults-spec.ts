import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TAURUSDB } from '../../sandbox/huawei/taurusdb/seed.ts';
import { CHURNER } from '../../sandbox/huawei/taurusdb/churn.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { lookOf, openGateway, operationOf, type Gateway } from '../gateway.ts';
import { until } from '../until.ts';

const looks = 200;
const kills = 50;
const sessions = 500;
const atOnce = 10;
/** Looks at one replica share a listing within two seconds: each replica is asked again after that. */
const replicas = 12;
const sharedMs = 2000;

let vendors: Vendors;
let gateways: Gateway[] = [];

beforeAll(async () => {
  vendors = await startVendors();
  // Many kills in a row stay without an answer: that is not what is tried here.
  const traffic = { breaker: { failures: 1000 } };
  gateways = await Promise.all(Array.from({ length: replicas }, () => openGateway({ vendors, traffic })));
  const { taurusdb, knobs } = vendors.huawei;
  // Those who stay stand between those who come and go.
  for (let index = 0; index < sessions; index += 1) {
    taurusdb.addThread(TAURUSDB, { user: index % Math.floor(sessions / kills) === 0 ? 'kept' : CHURNER });
  }
  Object.assign(knobs, { churnPerSecond: 40, pageMs: 30 });
}, 60_000);

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await vendors.close();
});

const living = (): ReadonlySet<string> =>
  new Set(
    vendors.huawei.taurusdb
      .threads(TAURUSDB)
      .filter(({ internal }) => !internal)
      .map(({ id }) => String(id)),
  );

describe('a node on which forty threads a second come and go', () => {
  it(`is never told whole while one of those who stayed is missing, in ${looks} looks`, async () => {
    let whole = 0;
    const askedAt: number[] = [];
    for (let look = 0; look < looks; look += 1) {
      const last = askedAt[look - replicas] ?? -Infinity;
      await sleep(Math.max(0, last + sharedMs + 100 - performance.now()));
      const before = living();
      const answer = await gateways[look % replicas]!.call('GET', '/processes?target=orders&node=primary&limit=1000');
      const after = living();
      askedAt.push(performance.now());
      const { items, targets } = lookOf(answer);
      if (targets[0]?.complete !== true) continue;
      whole += 1;
      const listed = new Set(items.map(({ id }) => id));
      expect([...before].filter((id) => after.has(id) && !listed.has(id))).toEqual([]);
    }
    // Else nothing was tried.
    expect(whole).toBeGreaterThan(0);
  }, 600_000);

  it(`loses nobody to a report: ${kills} kills without an answer, every other one never executed`, async () => {
    const [gateway] = gateways as [Gateway];
    const kept = vendors.huawei.taurusdb.threads(TAURUSDB).filter(({ user }) => user === 'kept');
    const ids = kept.slice(0, kills).map(({ id }) => String(id));
    expect(ids).toHaveLength(kills);
    const kill = async (id: string, isExecuted: boolean): Promise<void> => {
      const kind = isExecuted ? 'reset-after' : 'reset-before';
      vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', contains: id, kind, times: 1 });
      const path = `/processes?target=orders&node=primary&id=${id}&reason=churn`;
      const begun = await gateway.call('DELETE', path, { headers: { prefer: 'respond-async' } });
      const { id: operation } = operationOf(begun);
      const told = await until(
        async () => operationOf(await gateway.call('GET', `/operations/${operation}`)).targets[0]!.items[0]!.outcome,
        (outcome) => outcome === 'ended' || outcome === 'failed',
        30_000,
      ).catch(() => 'unknown' as const);
      const lives = living().has(id);
      expect([id, told === 'ended' && lives, isExecuted && told === 'failed']).toEqual([id, false, false]);
    };
    for (let first = 0; first < kills; first += atOnce) {
      await Promise.all(ids.slice(first, first + atOnce).map((id, index) => kill(id, index % 2 === 0)));
    }
  }, 600_000);
});
