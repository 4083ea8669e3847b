import { describe, expect, it } from '@jest/globals';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { networkOf } from './address.js';
import { FailedAuthentication } from './failed-authentication.js';

/**
 * Tries a key from an address; the keys that begin with `good` are. Gives how it ended, and counts what was looked at.
 */
function limit(requests: number) {
  const limits = new FailedAuthentication({ requests, seconds: 3600 });
  let lookedAt = 0;
  const attempt = async (address: string, key?: string, kind: FailureKind = 'unauthenticated') => {
    try {
      return await limits.limit(address, key === undefined ? {} : { 'x-api-key': key }, async () => {
        lookedAt += 1;
        await Promise.resolve();
        if (key?.startsWith('good')) return 'in';
        throw new Failure(kind, 'No.');
      });
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown.kind;
      throw thrown;
    }
  };
  return { attempt, limits, lookedAt: () => lookedAt };
}

describe('wrong credentials', () => {
  it('of one address are looked at so often, and not more', async () => {
    const { attempt, lookedAt } = limit(3);
    const ends = [];
    for (let at = 0; at < 6; at += 1) ends.push(await attempt('10.0.0.1', `guess-${String(at)}`));
    expect(ends).toEqual([
      ...Array.from({ length: 3 }, () => 'unauthenticated'),
      ...Array.from({ length: 3 }, () => 'rate-limited'),
    ]);
    expect(lookedAt()).toBe(3);
    expect(await attempt('10.0.0.2', 'guess')).toBe('unauthenticated');
  });

  it('side by side are not more than one after the other', async () => {
    const { attempt, lookedAt } = limit(3);
    await Promise.all(Array.from({ length: 50 }, (_, at) => attempt('10.0.0.1', `guess-${String(at)}`)));
    expect(lookedAt()).toBe(3);
  });

  it('lock nobody out who was let in before, and nobody finds out more', async () => {
    const { attempt } = limit(3);
    expect(await attempt('10.0.0.1', 'good')).toBe('in');
    for (let at = 0; at < 6; at += 1) await attempt('10.0.0.1', 'guess');
    expect(await attempt('10.0.0.1', 'good')).toBe('in');
    expect(await attempt('10.0.0.1', 'good as well')).toBe('rate-limited');
    expect(await attempt('10.0.0.2', 'good as well')).toBe('in');
    expect(await attempt('10.0.0.1', 'good as well')).toBe('in');
  });

  it('keep no good token out, and signed ones are never counted', async () => {
    const limits = new FailedAuthentication({ requests: 3, seconds: 3600 });
    const attempt = async (token: string): Promise<string> => {
      const authenticate = async () => {
        await Promise.resolve();
        if (token === 'good') return 'in';
        throw new Failure('unauthenticated', token);
      };
      const isSigned = (thrown: unknown): boolean => thrown instanceof Failure && thrown.message === 'expired';
      try {
        return await limits.limit('10.0.0.1', { authorization: `Bearer ${token}` }, authenticate, isSigned);
      } catch (thrown) {
        return thrown instanceof Failure ? thrown.kind : 'other';
      }
    };
    for (let at = 0; at < 10; at += 1) expect(await attempt('expired')).toBe('unauthenticated');
    for (let at = 0; at < 3; at += 1) expect(await attempt('forged')).toBe('unauthenticated');
    expect(await attempt('forged')).toBe('rate-limited');
    expect(await attempt('good')).toBe('in');
  });

  it('are counted only if they are wrong', async () => {
    const { attempt } = limit(3);
    for (let at = 0; at < 20; at += 1) {
      expect(await attempt('10.0.0.1', `good ${String(at)}`)).toBe('in');
      expect(await attempt('10.0.0.1')).toBe('unauthenticated');
      expect(await attempt('10.0.0.1', 'token', 'upstream-unavailable')).toBe('upstream-unavailable');
    }
    expect(await attempt('10.0.0.1', 'guess')).toBe('unauthenticated');
  });

  it('that were good once are counted as well', async () => {
    const limits = new FailedAuthentication({ requests: 2, seconds: 3600 });
    const ask = (isGood: boolean) =>
      limits.limit('10.0.0.1', { 'x-api-key': 'x' }, () =>
        isGood ? Promise.resolve('in') : Promise.reject(new Failure('unauthenticated', 'It has expired.')),
      );
    await ask(true);
    const kinds = [];
    for (let at = 0; at < 5; at += 1) kinds.push(await ask(false).catch((thrown: unknown) => (thrown as Failure).kind));
    expect(kinds).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated', 'rate-limited', 'rate-limited']);
  });

  it('of however many addresses take no more memory than those of some', async () => {
    const { attempt, limits } = limit(1);
    for (let at = 0; at < 60_000; at += 1)
      await attempt(`10.${String(at >> 16)}.${String((at >> 8) & 255)}.${String(at & 255)}`, 'guess');
    expect(limits.size).toBeLessThanOrEqual(16_384);
    expect(limits.size).toBeGreaterThan(15_000);
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
