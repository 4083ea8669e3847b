import { describe, expect, it } from '@jest/globals';
import { problemOf } from './gateway.ts';
import { calls, flush, gateway, look, open, openToRefuse, rc, useVendors, vendors } from './pool-gateway.ts';

useVendors();

describe('the targets', () => {
  it('are told with what they can do', async () => {
    await open();
    const { items } = (await gateway.call('GET', '/targets')).body as { items: { name: string }[] };
    const unknown = { state: 'unknown', checkedAt: null, code: null };
    expect(items.find(({ name }) => name === 'bi-pool')).toEqual({
      name: 'bi-pool',
      backend: '1010data',
      description: null,
      frozenUntil: null,
      labels: { env: 'sandbox' },
      nodes: [],
      abilities: ['look', 'flush'],
      filters: ['id', 'user', 'state'],
      states: ['active', 'idle', 'offline'],
      limits: { maxProcesses: 50, maxShare: 0.5, killsPerMinute: 200, killsLeft: null },
      readOnly: false,
      may: ['look', 'flush'],
      health: unknown,
    });
    const user = await gateway.call('GET', '/targets/bi-user', { key: 'sandbox-viewer-key' });
    expect(user.body).toMatchObject({ abilities: ['tune'], may: [], labels: {}, health: unknown });
  });

  it('are as healthy as their traffic showed', async () => {
    await open();
    const health = async () => ((await gateway.call('GET', '/targets/bi-pool')).body as { health: object }).health;
    await look('target=bi-pool');
    expect(await health()).toMatchObject({ state: 'ok', checkedAt: expect.stringMatching(/Z$/), code: null });
    vendors.faults.add(rc(41));
    await flush({ targets: ['bi-pool'] });
    expect(await health()).toMatchObject({ state: 'failing', code: 'upstream-unavailable' });
  });
});

describe('a kill', () => {
  it('cannot be had of a pool, nor of a uid', async () => {
    await openToRefuse();
    for (const target of ['bi-pool', 'bi-user']) {
      const answer = await gateway.call('DELETE', `/processes?target=${target}&id=acme_m1`);
      expect([answer.status, problemOf(answer).code]).toEqual([422, 'unsupported-operation']);
      expect(problemOf(answer).detail).toContain(`"${target}" (1010data)`);
      expect(answer.headers).toMatchObject({ 'sluice-state': 'failed', 'sluice-completed': 'false' });
    }
    expect(calls()).toEqual([]);
  });
});
