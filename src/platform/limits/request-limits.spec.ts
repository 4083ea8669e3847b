import { describe, expect, it } from '@jest/globals';
import { asFailure } from '../../core/model/failure.js';
import type { LimitsConfig } from './limits.config.js';
import { RequestLimits } from './request-limits.js';

const window = { requests: 2, seconds: 3600 };

/** One request of a caller, on these targets: how it ended, and what its answer told. */
async function ask(limits: RequestLimits, caller: string, ...targets: readonly string[]) {
  let told: readonly [string, string] | undefined;
  const allowance = limits.allow(caller, (policy, standing) => {
    told = [policy, standing];
  });
  const failure = await allowance
    .admit()
    .then(() => allowance.draw(targets))
    .then(() => null, asFailure);
  return { kind: failure?.kind ?? 'in', afterMs: failure?.retryAfterMs, told };
}

async function kindsOf(limits: RequestLimits, caller: string, times: number, ...targets: readonly string[]) {
  const kinds = [];
  for (let at = 0; at < times; at += 1) kinds.push((await ask(limits, caller, ...targets)).kind);
  return kinds;
}

describe('a caller', () => {
  it('has so many requests in a window, told as the draft writes it', async () => {
    const limits = new RequestLimits({ caller: window });
    expect((await ask(limits, 'app')).told).toEqual(['"caller";q=2;w=3600', '"caller";r=1;t=3600']);
    expect((await ask(limits, 'app')).told?.[1]).toMatch(/^"caller";r=0;t=(?:3600|3599)$/);
    const { kind, afterMs, told } = await ask(limits, 'app');
    expect([kind, told?.[1]]).toEqual(['rate-limited', expect.stringMatching(/^"caller";r=0;t=\d+$/)]);
    expect(afterMs).toBeGreaterThan(3_500_000);
    expect((await ask(limits, 'other')).kind).toBe('in');
  });

  it('has a thousand in ten seconds where nothing is configured, and targets have any number', async () => {
    const limits = new RequestLimits({});
    expect(await ask(limits, 'app', 'orders')).toMatchObject({
      kind: 'in',
      told: ['"caller";q=1000;w=10', '"caller";r=999;t=10'],
    });
  });
});

describe('a target', () => {
  it('is used so often, by all callers together', async () => {
    const limits = new RequestLimits({ target: window });
    expect((await ask(limits, 'one', 'orders')).told).toEqual([
      '"caller";q=1000;w=10, "target";q=2;w=3600',
      expect.stringMatching(/^"caller";r=999;t=10, "target";r=1;t=3600$/),
    ]);
    expect((await ask(limits, 'two', 'orders')).kind).toBe('in');
    const { kind, afterMs } = await ask(limits, 'three', 'orders');
    expect(kind).toBe('rate-limited');
    expect(afterMs).toBeGreaterThan(3_500_000);
    expect((await ask(limits, 'three', 'carts')).kind).toBe('in');
  });

  it('is not used by a call that is refused for another', async () => {
    const limits = new RequestLimits({ target: window });
    expect(await kindsOf(limits, 'app', 2, 'orders')).toEqual(['in', 'in']);
    expect(await kindsOf(limits, 'app', 5, 'carts', 'orders')).toEqual(Array.from({ length: 5 }, () => 'rate-limited'));
    const { told } = await ask(limits, 'app', 'orders', 'carts');
    expect(told?.[1]).toMatch(/"target";r=0;t=/);
    expect(await kindsOf(limits, 'app', 3, 'carts')).toEqual(['in', 'in', 'rate-limited']);
  });
});

describe('another configuration', () => {
  it('holds from the next request on', async () => {
    const limits = new RequestLimits({ caller: window });
    expect(await kindsOf(limits, 'app', 3)).toEqual(['in', 'in', 'rate-limited']);
    limits.use({ caller: { requests: 4, seconds: 3600 }, target: { requests: 1, seconds: 3600 } });
    expect(await kindsOf(limits, 'app', 3, 'orders')).toEqual(['in', 'rate-limited', 'rate-limited']);
    limits.use({});
    expect(await kindsOf(limits, 'app', 20, 'orders')).toEqual(Array.from({ length: 20 }, () => 'in'));
  });

  it('leaves what stands in it as before as it is', async () => {
    const config = (): LimitsConfig => ({
      caller: { ...window },
      target: { ...window },
      failedAuthentication: { ...window },
    });
    const limits = new RequestLimits(config());
    expect(await kindsOf(limits, 'app', 2, 'orders')).toEqual(['in', 'in']);
    limits.use(config());
    expect(await kindsOf(limits, 'app', 1)).toEqual(['rate-limited']);
    expect(await kindsOf(limits, 'other', 1, 'orders')).toEqual(['rate-limited']);
  });
});

describe('what is written for a caller', () => {
  it('is bounded in a window: then the caller begins nothing more, and others do', async () => {
    const limits = new RequestLimits({ records: { megabytes: 1, seconds: 3600 } });
    await limits.written('app', 999_999);
    await limits.admitRecord('app');
    await limits.written('app', 5_000_000);
    const refused = await limits.admitRecord('app').then(() => null, asFailure);
    expect(refused).toMatchObject({ kind: 'rate-limited', sent: 'never' });
    expect(refused?.message).toContain('1 MB in 3600 s (limits.records)');
    expect(refused?.retryAfterMs).toBeGreaterThan(3_500_000);
    await limits.admitRecord('other');
    limits.use({ records: { megabytes: 2, seconds: 3600 } });
    await limits.admitRecord('app');
  });

  it('is 32 megabytes in a minute where nothing is configured', async () => {
    const limits = new RequestLimits({});
    await limits.written('app', 31_999_999);
    await limits.admitRecord('app');
    await limits.written('app', 1);
    const refused = await limits.admitRecord('app').then(() => null, asFailure);
    expect(refused?.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});
