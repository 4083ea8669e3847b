import { describe, expect, it } from '@jest/globals';
import { gateway, open, tune, useVendors, vendors } from './pool-gateway.ts';
import { until } from './until.ts';

useVendors();

describe('the log', () => {
  it('has one line a request, without addresses or secrets', async () => {
    await open();
    const traceId = 'c'.repeat(32);
    const headers = { 'x-request-id': 'r-2', traceparent: `00-${traceId}-${'d'.repeat(16)}-01` };
    await gateway.call('GET', '/processes?target=bi-pool&user=sue', { headers });
    await tune({ infinityToNa: true });
    const { encryptedPassword, sid } = vendors.tentendata.session('acme_owner')!;
    // A request is logged once its answer is out.
    const lines = await until(
      () => gateway.log.filter((line) => 'route' in line),
      ({ length }) => length === 2,
    );
    expect(lines[0]).toMatchObject({
      level: 'info',
      requestId: 'r-2',
      traceId,
      caller: 'demo-operator',
      method: 'GET',
      route: '/processes',
      status: 200,
      durationMs: expect.any(Number),
    });
    const text = JSON.stringify(gateway.log);
    for (const secret of ['ownerPass1', 'sandbox-demo-key', encryptedPassword, `"${sid}"`, 'sue']) {
      expect(text).not.toContain(secret);
    }
  });
});
