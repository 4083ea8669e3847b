import { describe, expect, it } from '@jest/globals';
import { listOf, operationOf } from './gateway.ts';
import { flush, gateway, open, useVendors, vendors } from './pool-gateway.ts';

useVendors();

describe('a call that takes its time', () => {
  it.each(['respond-async', 'wait=0', 'RESPOND-ASYNC; foo=bar'])('is accepted and followed (%s)', async (prefer) => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 150, call: 'flushpool' });
    const accepted = await flush({ targets: ['bi-pool'] }, { headers: { prefer } });
    const { id, state, endedAt } = operationOf(accepted);
    expect([accepted.status, state, endedAt]).toEqual([202, 'running', null]);
    expect(accepted.headers).toMatchObject({
      location: `/operations/${id}`,
      'retry-after': expect.stringMatching(/^\d+$/),
      'sluice-operation': id,
      'sluice-state': 'running',
      'sluice-completed': 'false',
    });
    const early = await gateway.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=0' } });
    expect([early.status, operationOf(early).state, early.headers['retry-after']]).toEqual([
      200,
      'running',
      expect.stringMatching(/^\d+$/),
    ]);
    const late = await gateway.call('GET', `/operations/${id}`, { headers: { prefer: 'wait=10' } });
    expect([late.status, operationOf(late).state, late.headers['retry-after']]).toEqual([200, 'succeeded', undefined]);
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });

  it('is accepted even if it is over, and tells where it can be followed', async () => {
    await open();
    const asked = { headers: { prefer: 'respond-async' } };
    // All that these do is to look, and they look before they answer.
    const nothing = await gateway.call('DELETE', '/processes?target=orders&user=nobody', asked);
    vendors.faults.add({ kind: 'status', status: 503, vendor: 'gaussdb' });
    const failed = await flush({ targets: ['ledger'], mode: 'forced' }, asked);
    for (const [answer, state] of [
      [nothing, 'succeeded'],
      [failed, 'failed'],
    ] as const) {
      const { id } = operationOf(answer);
      expect([answer.status, answer.headers['location'], answer.headers['retry-after']]).toEqual([
        202,
        `/operations/${id}`,
        '2',
      ]);
      const { body } = await gateway.call('GET', `/operations/${id}`);
      expect(body).toMatchObject({ id, state });
    }
    const dry = await flush({ targets: ['bi-pool'], dryRun: true }, asked);
    expect([dry.status, dry.headers['location']]).toEqual([200, undefined]);
  });

  it('is answered as it stands when it is repeated', async () => {
    await open();
    const asked = { headers: { prefer: 'respond-async', 'idempotency-key': 'once' } };
    const first = await flush({ targets: ['bi-pool'] }, asked);
    await gateway.call('GET', first.headers['location'] ?? '', { headers: { prefer: 'wait=10' } });
    const again = await flush({ targets: ['bi-pool'] }, asked);
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([202, 200, 'true']);
  });

  it('is answered whole within the default wait', async () => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 150 });
    expect((await flush({ targets: ['bi-pool'] }, { headers: { prefer: 'handling=lenient' } })).status).toBe(200);
  });

  it('is told where it is also below a base path', async () => {
    await open({ server: { basePath: '/sluice' } });
    vendors.faults.add({ kind: 'latency', milliseconds: 50 });
    const accepted = await flush({ targets: ['bi-pool'] }, { headers: { prefer: 'respond-async' } });
    expect(accepted.headers['location']).toBe(`/sluice/operations/${operationOf(accepted).id}`);
  });

  it('runs to its end though its caller hangs up', async () => {
    await open();
    vendors.faults.add({ kind: 'latency', milliseconds: 100, call: 'flushpool' });
    const caller = new AbortController();
    const answer = flush({ targets: ['bi-pool'] }, { signal: caller.signal });
    const entry = await vendors.journal.arrival('flushpool');
    caller.abort();
    await expect(answer).rejects.toThrow();
    await vendors.journal.ended(entry);
    expect([entry.executed, entry.ending]).toEqual([true, 'answered']);
    const { items } = listOf(await gateway.call('GET', '/operations'));
    const seen = await gateway.call('GET', `/operations/${items[0]?.id ?? ''}`);
    expect(operationOf(seen)).toMatchObject({ state: 'succeeded', counts: { deferred: 3 } });
    expect(vendors.journal.of('flushpool')).toHaveLength(1);
  });
});
