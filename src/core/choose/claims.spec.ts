import { describe, expect, it } from '@jest/globals';
import type { Claim } from '../record/journal.js';
import { problemOf } from '../model/problem.js';
import { byUser, failureOf, flush, kill, setUp, threads } from '../engine/spec-engine.js';
import { quiet, start } from '../record/spec-journal.js';
import { database, done, pool } from '../model/spec-targets.js';
import type { Done } from '../model/target.js';

const dayMs = 24 * 3600_000;
const keyOf = (facts: Partial<Claim> = {}): Claim => ({
  scope: 'key',
  name: 'billing-app/k1',
  fingerprint: 'f1',
  expiresAt: start + dayMs,
  ...facts,
});

function slowPool() {
  const slow = Promise.withResolvers<Done>();
  const calls: string[] = [];
  const target = pool('carts', () => {
    calls.push('flushpool');
    return slow.promise;
  });
  const end = async (): Promise<void> => {
    slow.resolve(done('flushpool'));
    await quiet();
  };
  return { ...setUp([target]), calls, end };
}

describe('a key', () => {
  it('that is free stands for nothing', async () => {
    const { operations } = setUp([]);
    expect(await operations.repeats(keyOf())).toBeUndefined();
  });

  it('stands for its operation once that is answered, as it is by then', async () => {
    const { ask, operations, end, calls } = slowPool();
    const { id, isRepeated } = await ask(flush(['carts']), { key: keyOf() });
    expect(isRepeated).toBe(false);
    await end();
    expect(await operations.repeats(keyOf())).toBe(id);
    // Whoever did not ask first finds out when it would begin.
    expect(await ask(flush(['carts']), { key: keyOf() })).toMatchObject({ id, isRepeated: true });
    expect(calls).toEqual(['flushpool']);
  });

  it('is in progress until its caller has been answered, and is answered with 202 afterwards', async () => {
    const { ask, operations, clock } = slowPool();
    const { id } = await ask(flush(['carts']), { key: keyOf(), answerBy: start + 10_000 });
    clock.advance(9999);
    expect(await failureOf(operations.repeats(keyOf()))).toMatchObject({ kind: 'request-in-progress', blockedBy: id });
    clock.advance(1);
    expect(await operations.repeats(keyOf())).toBe(id);
    expect(await operations.read(id)).toMatchObject({ state: 'running' });
  });

  it.each([
    ['while the first runs', false],
    ['after it has ended', true],
  ])('cannot be another request’s %s', async (_name, isOver) => {
    const { ask, operations, end } = slowPool();
    const { id } = await ask(flush(['carts']), { key: keyOf() });
    if (isOver) await end();
    const other = keyOf({ fingerprint: 'f2' });
    expect(await failureOf(operations.repeats(other))).toMatchObject({
      kind: 'idempotency-key-reused',
      blockedBy: id,
    });
    expect((await failureOf(ask(flush(['carts']), { key: other }))).kind).toBe('idempotency-key-reused');
  });

  it('is claimed once by two requests in the same moment', async () => {
    const { ask, calls } = slowPool();
    const both = await Promise.allSettled([
      ask(flush(['carts']), { key: keyOf() }),
      ask(flush(['carts']), { key: keyOf() }),
    ]);
    await quiet();
    const refusals = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusals).toMatchObject([{ kind: 'request-in-progress' }]);
    expect(calls).toEqual(['flushpool']);
  });

  it('is free again after its time', async () => {
    const { ask, operations, end, clock } = slowPool();
    await ask(flush(['carts']), { key: keyOf() });
    await end();
    clock.advance(dayMs - 1);
    expect(await operations.repeats(keyOf())).toBeDefined();
    clock.advance(1);
    expect(await operations.repeats(keyOf())).toBeUndefined();
  });

  it('is free after a call that was refused, and taken by a dry run', async () => {
    const { target } = database({ n1: threads('1') });
    const { ask, operations } = setUp([target]);
    await failureOf(ask(kill(byUser('sue'), { max: 0 }), { key: keyOf() }));
    expect(await operations.repeats(keyOf())).toBeUndefined();
    const { id } = await ask(kill(byUser('sue'), { dryRun: true }), { key: keyOf() });
    await quiet();
    expect(await operations.repeats(keyOf())).toBe(id);
  });

  it('is not carried out again once its operation is let go, and does not say that it is in progress', async () => {
    const { ask, operations, end, calls, journal } = slowPool();
    const { id } = await ask(flush(['carts']), { key: keyOf() });
    await end();
    await journal.prune({ now: start, before: start + dayMs, dryRunsBefore: 0 }, 100);
    expect(await operations.read(id)).toBeUndefined();
    for (const again of [operations.repeats(keyOf()), ask(flush(['carts']), { key: keyOf() })]) {
      const failure = await failureOf(again);
      expect(failure).toMatchObject({ kind: 'outcome-unknown', blockedBy: undefined });
      expect(problemOf(failure).retryable).toBe(false);
    }
    expect(calls).toEqual(['flushpool']);
  });

  it('counts on every replica', async () => {
    const { ask, journal, clock, targets, calls, end } = slowPool();
    const { id } = await ask(flush(['carts']), { key: keyOf() });
    await end();
    const other = setUp(targets, {}, { journal, clock, owner: 'replica-2' });
    expect(await other.ask(flush(['carts']), { key: keyOf() })).toMatchObject({ id, isRepeated: true });
    expect(calls).toEqual(['flushpool']);
  });
});
