import { describe, expect, it } from '@jest/globals';
import { DCS } from './seed.ts';
import { cacheCloud, errorOf, INSTANCE, PLACE } from './spec-cloud.ts';

describe('scanning and listing clients', () => {
  it('answers 500 before the first scan is done', () => {
    const { clock, list, post } = cacheCloud();
    expect(errorOf(list())).toEqual([500, 'DCS.5000']);
    post('clients', { node_id: DCS.nodeId });
    clock.pass(299);
    expect(list().status).toBe(500);
    clock.pass(1);
    expect(list().status).toBe(200);
    expect(list('', DCS.secondNodeId).status).toBe(500);
  });

  it.each([{ node_id: DCS.nodeId }, { node_id: DCS.secondNodeId, clean_cache: true }, {}])('scans %j', (body) => {
    const { job, scan } = cacheCloud();
    expect(job(scan(body))).toMatchObject({ job_type: 'scanClients', status: 'SUCCESS', fail_reason: null });
  });

  it('gives rows of the documented types', () => {
    const { listing, scan } = cacheCloud();
    scan();
    const { time, count, clients } = listing('&limit=1000');
    expect([time, count, clients.length]).toEqual(['2026-03-01T08:00:00.300Z', 12n, 12]);
    expect(clients.find((client) => client.flags === 'x')).toEqual({
      id: '11610',
      addr: '198.19.131.14:33010',
      peer: '10.0.3.21:33010',
      fd: '618',
      name: 'checkout',
      user: 'default',
      cmd: 'set',
      db: '1',
      flags: 'x',
      age: 3600n,
      idle: 90n,
      sub: 0n,
      psub: 0n,
      multi: 3n,
      qbuf: 0n,
      qbuf_free: 0n,
      obl: 0n,
      oll: 0n,
      omem: 0n,
      events: 'r',
      network: 'vpc',
    });
    expect(new Set(clients.map((client) => client.flags))).toEqual(new Set(['N', 'P', 'b', 'x', 'S', 'O']));
  });

  it('shows what the scan saw, until the next scan', () => {
    const { clock, dcs, listing, scan } = cacheCloud();
    scan();
    dcs.addClient(PLACE);
    clock.pass(60_000);
    expect(listing('&limit=100')).toMatchObject({ count: 12n, time: '2026-03-01T08:00:00.300Z' });
    scan();
    expect(listing('&limit=100')).toMatchObject({ count: 13n, time: '2026-03-01T08:01:00.600Z' });
  });

  it('keeps a list that it has, if it is so minded, unless the cache is to be cleaned', () => {
    const { dcs, listing, scan } = cacheCloud({ scanKeepsList: true });
    scan();
    dcs.addClient(PLACE);
    scan();
    expect(listing().count).toBe(12n);
    scan({ node_id: DCS.nodeId, clean_cache: true });
    expect(listing().count).toBe(13n);
  });

  it('keeps the old list when the scan fails', () => {
    const { dcs, job, list, scan } = cacheCloud();
    dcs.failNextJob('scanClients', 'No memory.');
    expect(job(scan())).toMatchObject({ status: 'FAIL', fail_reason: 'No memory.' });
    expect(list().status).toBe(500);
    expect(job(scan()).status).toBe('SUCCESS');
  });

  it('pages by ten unless told otherwise', () => {
    const { listing, scan } = cacheCloud();
    scan();
    expect(listing().clients).toHaveLength(10);
    const paged = [0, 5, 10].flatMap((offset) => listing(`&offset=${String(offset)}&limit=5`).clients);
    expect(paged).toEqual(listing('&limit=1000').clients);
  });

  it.each([
    ['&sort=idle', 'idle', [7200n, 1800n]],
    ['&sort=idle&order=asc', 'idle', [0n, 0n]],
    ['&sort=id&order=asc', 'id', ['11601', '11602']],
    ['&sort=name', 'name', ['worker', 'replica']],
  ])('sorts by %s', (query, field, first) => {
    const { listing, scan } = cacheCloud();
    scan();
    expect(
      listing(query)
        .clients.slice(0, 2)
        .map((client) => client[field]),
    ).toEqual(first);
  });

  it('filters by address', () => {
    const { listing, scan } = cacheCloud();
    scan();
    expect(listing('&addr=198.19.131.14:33010')).toMatchObject({ count: 1n, clients: [{ id: '11610' }] });
  });

  it.each(['limit=0', 'limit=1001', 'offset=-1', 'sort=flag', 'order=up', 'page=1'])('refuses %s', (query) => {
    expect(errorOf(cacheCloud().list(`&${query}`))).toEqual([400, 'DCS.4062']);
  });

  it('needs a node', () => {
    const { send, list } = cacheCloud();
    expect(errorOf(send(`GET ${INSTANCE}/clients`))).toEqual([400, 'DCS.4062']);
    expect(errorOf(list('', 'node-1'))).toEqual([400, 'DCS.3053']);
    expect(errorOf(list('', DCS.otherNodeId))).toEqual([400, 'DCS.3053']);
  });
});
