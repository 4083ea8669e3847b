import { afterEach, describe, expect, it } from '@jest/globals';
import { startVendors } from './vendors.ts';
import type { VendorOptions, Vendors } from './vendors.ts';

let started: Vendors[] = [];

async function start(options?: VendorOptions): Promise<Vendors> {
  const vendors = await startVendors(options);
  started.push(vendors);
  return vendors;
}

async function call(url: string, method = 'POST', value?: object): Promise<string> {
  const body = value && { body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } };
  return (await fetch(url, { method, ...body })).text();
}

const pool = 'apiversion=3&uid=acme_owner&pswd=ownerPass1&gid=acme_pool';

afterEach(async () => {
  await Promise.all(started.map((vendors) => vendors.close()));
  started = [];
});

describe('the vendors', () => {
  it('listen on loopback, each on a port of its own', async () => {
    const { urls } = await start();
    const { tentendata, issuer, jwks, ...others } = urls;
    expect(tentendata).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gw\.k$/);
    expect(jwks).toBe(`${issuer}jwks.json`);
    for (const url of Object.values(others)) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const ports = [tentendata, issuer, ...Object.values(others)].map((url) => new URL(url).port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('share one journal and the fault switches, to be reached from outside too', async () => {
    const { urls, faults, journal } = await start();
    await call(`${urls.admin}/faults`, 'POST', { vendor: 'iam', kind: 'status', status: 503 });
    expect(faults.list()).toHaveLength(1);
    expect((await fetch(`${urls.iam}/v3/auth/tokens`, { method: 'POST', body: '{}' })).status).toBe(503);
    expect(await call(`${urls.tentendata}?api=samstatus&${pool}`)).toContain('<rc>0</rc>');
    for (const url of [urls.gaussdb, urls.taurusdb, urls.dcs]) await call(`${url}/`, 'GET');
    const vendors = journal.all().map(({ vendor }) => vendor);
    expect(vendors).toEqual(['iam', '1010data', 'gaussdb', 'taurusdb', 'dcs']);
    expect(await call(`${urls.admin}/journal`, 'GET')).not.toContain('ownerPass1');
  });

  it('obey a person: ids are released, tokens made', async () => {
    const { urls, tentendata } = await start();
    await call(`${urls.tentendata}?api=flushpool&${pool}`);
    const released = await call(`${urls.admin}/1010data/reluid`, 'POST', { gid: 'acme_pool', uid: 'acme_m1' });
    expect(JSON.parse(released)).toContainEqual({ uid: 'acme_m1', taken: false, loggedIn: false, marked: false });
    expect(tentendata.session('acme_m1')).toBeNull();
    expect(tentendata.session('acme_m2')).not.toBeNull();
    expect(await call(`${urls.admin}/1010data/reluid`, 'POST', { uid: 'acme_m1' })).toContain('the body must be');
    expect(await call(`${urls.admin}/identity/token`, 'POST', { sub: 'sue' })).toContain('"token": "ey');
    expect(await call(`${urls.admin}/identity/rotate`)).toContain(urls.jwks);
    expect(await call(`${urls.admin}/huawei/knobs`, 'POST', { jobMs: 5 })).toContain('"jobMs": 5');
  });

  it('go back to their seed, inside and outside alike', async () => {
    const { urls, tentendata, huawei, faults, journal } = await start({
      tentendata: { idleMinutes: 60 },
      huawei: { jobMs: 7 },
    });
    const before = tentendata.pool('acme_pool');
    await call(`${urls.tentendata}?api=resetpool&${pool}`);
    tentendata.knobs.idleMinutes = 1;
    huawei.knobs.jobMs = 1;
    faults.add({ kind: 'html' });
    await call(`${urls.admin}/reset`);
    expect(tentendata.pool('acme_pool')).toEqual(before);
    expect([tentendata.knobs.idleMinutes, huawei.knobs.jobMs]).toEqual([60, 7]);
    expect([faults.list(), journal.all()]).toEqual([[], []]);
  });

  it('live by the clock they are given', async () => {
    let now = 0;
    const { urls, tentendata, journal } = await start({ clock: () => now });
    now = 15 * 60_000;
    await call(`${urls.tentendata}?api=samstatus&${pool}`);
    expect(tentendata.session('acme_m1')).toBeNull();
    expect(journal.all()[0]?.at).toBe(now);
  });

  it('can be stopped one by one', async () => {
    const { urls, stop } = await start();
    await stop('dcs');
    await expect(fetch(urls.dcs)).rejects.toThrow('fetch failed');
    await call(`${urls.gaussdb}/`, 'GET');
  });

  it('refuse a port that is taken, and leave nothing open then', async () => {
    const { urls } = await start();
    const taken = Number(new URL(urls.admin).port);
    await expect(startVendors({ ports: { admin: taken } })).rejects.toThrow('EADDRINUSE');
  });
});
