import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoKeys, openGateway, problemOf, type Gateway } from './gateway.ts';
import { mutationsOf } from './safeguards-places.ts';

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway({
    signed: true,
    change: (config) => {
      config.limits = { ...config.limits, records: { megabytes: 1, seconds: 3600 } };
    },
  });
});

afterAll(() => gateway.close());

/** A kill of a thousand that are nowhere. */
const nowhere = (dryRun: boolean, headers: Readonly<Record<string, string>> = {}, key: string = demoKeys.operator) => {
  const ids = Array.from({ length: 1000 }, (_, index) => String(9_000_000_000 + index));
  return gateway.call('DELETE', '/processes', { body: { target: 'orders', ids, dryRun }, headers, key });
};

const metric = async (name: string): Promise<number> => {
  const { text } = await gateway.call('GET', '/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

describe('what one caller has written to the store', () => {
  it('is bounded: nothing more is begun, sent or written, for that caller alone', async () => {
    const once = await nowhere(false, { 'idempotency-key': 'once' });
    expect(once.status).toBeLessThan(300);
    let refused = once;
    for (let call = 0; call < 20 && refused.status < 300; call += 1) refused = await nowhere(true);
    expect(problemOf(refused)).toMatchObject({ code: 'rate-limited', status: 429, retryable: true });
    expect(problemOf(refused).detail).toContain('limits.records');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3000);
    const written = await metric('sluice_store_written_bytes_total');
    expect(written).toBeGreaterThan(1_000_000);
    expect(written).toBeLessThan(3_000_000);
    gateway.vendors.journal.clear();
    const flush = { body: { targets: ['bi-pool'], mode: 'forced' } };
    expect((await gateway.call('POST', '/sessions/flush', flush)).status).toBe(429);
    expect((await nowhere(false)).status).toBe(429);
    expect(gateway.vendors.journal.all()).toEqual([]);
    expect(await metric('sluice_store_written_bytes_total')).toBe(written);
    expect(gateway.log).toContainEqual(expect.objectContaining({ audit: 'refused', code: 'rate-limited' }));
    expect((await gateway.call('GET', '/processes?target=orders&limit=1')).status).toBe(200);
    expect((await nowhere(false, { 'idempotency-key': 'once' })).body).toMatchObject({ replayed: true });
    expect((await gateway.call('POST', '/sessions/flush', { ...flush, key: demoKeys.admin })).status).toBe(200);
    expect(mutationsOf(gateway.vendors)).toHaveLength(1);
  });
});
