import { describe, expect, it } from '@jest/globals';
import { listOf, openGateway, operationOf, problemOf } from './gateway.ts';
import { flush, gateway, open, openToRefuse, rc, tune, useVendors, vendors } from './pool-gateway.ts';

useVendors();

describe('the record', () => {
  it('lists operations newest first, in pages, without those that were only tried', async () => {
    await open();
    await flush({ targets: ['bi-pool'], dryRun: true });
    const made: string[] = [];
    for (const mode of ['forced', 'graceful', 'forced']) {
      made.push(operationOf(await flush({ targets: ['bi-pool'], mode })).id);
    }
    made.push(operationOf(await tune({ infinityToNa: true })).id);
    const all = listOf(await gateway.call('GET', '/operations'));
    expect(new Set(all.items.map(({ id }) => id))).toEqual(new Set(made));
    const times = all.items.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().toReversed());
    const ids: string[] = [];
    let token = '';
    do {
      const page = listOf(await gateway.call('GET', `/operations?limit=3${token}`));
      ids.push(...page.items.map(({ id }) => id));
      token = page.nextPageToken === null ? '' : `&pageToken=${page.nextPageToken}`;
    } while (token !== '');
    expect(ids).toEqual(all.items.map(({ id }) => id));
  });

  it.each([
    ['kind=sessions.tune', 1],
    ['target=bi-pool', 2],
    ['state=failed', 1],
    ['requestedBy=demo-operator', 3],
    ['requestedBy=somebody', 0],
    ['target=bi-pool&state=succeeded&kind=sessions.flush', 1],
  ])('can be searched by %s', async (query, found) => {
    await open();
    await flush({ targets: ['bi-pool'] });
    await tune({ infinityToNa: true });
    vendors.faults.add(rc(37));
    await flush({ targets: ['bi-pool'] });
    expect(listOf(await gateway.call('GET', `/operations?${query}`)).items).toHaveLength(found);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'pageToken=e30', 'kind=flush', 'state=done', 'since=1', 'target='])(
    'cannot be searched by %s',
    async (query) => {
      await openToRefuse();
      const answer = await gateway.call('GET', `/operations?${query}`);
      expect(answer.status).toBe(400);
      expect(problemOf(answer).errors?.[0]?.parameter).toBe(query.split('=')[0]);
    },
  );

  it('holds nothing under an id that nobody was given', async () => {
    await openToRefuse();
    const answer = await gateway.call('GET', '/operations/op_0');
    expect([answer.status, problemOf(answer).code]).toEqual([404, 'not-found']);
  });
});

describe('operations by who and why', () => {
  it('are found by whom they were for, by words of their reasons, and as dry runs', async () => {
    const gateway = await openGateway({ signed: true });
    try {
      const flush = async (body: object) =>
        operationOf(await gateway.call('POST', '/sessions/flush', { body: { targets: ['bi-pool'], ...body } })).id;
      const sue = await flush({ onBehalfOf: 'sue', reason: 'Nightly reload' });
      const other = await flush({ reason: 'a drill' });
      const dry = await flush({ dryRun: true, onBehalfOf: 'sue' });
      const found = async (query: string) =>
        listOf(await gateway.call('GET', `/operations?${query}`)).items.map(({ id }) => id);
      expect(await found('onBehalfOf=sue')).toEqual([sue]);
      expect(await found('onBehalfOf=su')).toEqual([]);
      expect(await found('text=nightly')).toEqual([sue]);
      expect(await found('text=DRILL')).toEqual([other]);
      expect(await found('dryRun=true')).toEqual([dry]);
      expect(await found('dryRun=true&onBehalfOf=sue')).toEqual([dry]);
      expect(await found('dryRun=false')).toEqual([other, sue]);
      expect((await gateway.call('GET', '/operations?dryRun=yes')).status).toBe(400);
    } finally {
      await gateway.close();
    }
  });
});
