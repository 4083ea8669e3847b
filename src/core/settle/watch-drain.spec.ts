import { describe, expect, it } from '@jest/globals';
import { Failure } from '../model/failure.js';
import type { Process } from '../model/process.js';
import { flush, setUp, type Shared } from '../engine/spec-engine.js';
import { quiet, start } from '../record/spec-journal.js';
import { pool, processOf, recordOf, unreachable } from '../model/spec-targets.js';
import type { Done, Listing, Target } from '../model/target.js';

const busy = (id: string, draining: boolean | null = true): Process =>
  processOf(id, { state: 'active', draining, node: null });
const free = (id: string): Process => processOf(id, { state: 'idle', draining: false, node: null });

/** A pool of which the flush marked two; what it lists afterwards is the test's. */
function drainingPool(
  later: () => readonly Process[] | Failure,
  {
    seconds = 600,
    marked = ['m1', 'm2'],
  }: { readonly seconds?: number; readonly marked?: readonly string[] | null } = {},
  shared: Shared = {},
) {
  let looks = 0;
  const flushed: Done = {
    call: recordOf('flushpool', null),
    ...(marked === null ? { is: 'unlisted', mayBeListed: 'later' } : { is: 'marked', ids: marked }),
  };
  const target: Target = pool('bi-pool', () => Promise.resolve(flushed), {
    drainWatchSeconds: seconds,
    look: (): Promise<Listing> => {
      looks += 1;
      const seen = later();
      if (seen instanceof Failure) return Promise.reject(seen);
      return Promise.resolve({ processes: seen, complete: true, at: new Date(setting.clock.now()) });
    },
  });
  const setting = setUp([target], {}, shared);
  const drain = async (id: string) => (await setting.operations.read(id))?.targets[0]?.drain;
  return { ...setting, target, drain, looks: () => looks };
}

describe('a pool that drains', () => {
  it('is watched until all that were marked have logged out', async () => {
    let left = [busy('m1'), busy('m2')];
    const { begin, drain, operations, clock, journal, changed } = drainingPool(() => left);
    const id = await begin(flush(['bi-pool']));
    await quiet();
    expect(await operations.read(id)).toMatchObject({ state: 'succeeded', targets: [{ completed: false }] });
    expect(await drain(id)).toMatchObject({
      state: 'watching',
      remaining: 2,
      ids: ['m1', 'm2'],
      until: new Date(start + 600_000).toISOString(),
    });
    left = [busy('m2'), free('m1')];
    await clock.pass(2000);
    expect(await drain(id)).toMatchObject({ state: 'watching', remaining: 1, ids: ['m2'] });
    left = [free('m1'), free('m2')];
    await clock.pass(4000);
    expect(await drain(id)).toMatchObject({ state: 'drained', remaining: 0, ids: [] });
    expect(await operations.read(id)).toMatchObject({ targets: [{ completed: true }] });
    expect(journal.kinds.at(-1)).toBe('over');
    expect(changed).toHaveLength(1);
    expect(clock.sleepers).toBe(0);
  });

  it.each([
    ['refuses us', new Failure('upstream-rejected', 'Wrong password.', { sent: 'refused' }), 11],
    ['cannot be reached', unreachable, 121],
  ])('is asked ever less where the vendor %s', async (_name, failure, most) => {
    const { begin, clock, looks } = drainingPool(() => failure, { seconds: 3600 });
    await begin(flush(['bi-pool']));
    await quiet();
    await clock.pass(3_600_000);
    expect(looks()).toBeGreaterThan(most - 5);
    expect(looks()).toBeLessThanOrEqual(most + 5);
  });

  it('is done at once where nobody was marked', async () => {
    const { begin, drain, looks, journal } = drainingPool(() => [], { marked: [] });
    const id = await begin(flush(['bi-pool']));
    await quiet();
    expect(await drain(id)).toMatchObject({ state: 'drained', until: null });
    expect(journal.kinds.at(-1)).toBe('over');
    expect(looks()).toBe(0);
  });

  it('is not watched where the configuration says so', async () => {
    const { begin, drain, looks } = drainingPool(() => [], { seconds: 0 });
    const id = await begin(flush(['bi-pool']));
    await quiet();
    expect(await drain(id)).toMatchObject({ state: 'ended', remaining: 2, until: null });
    expect(looks()).toBe(0);
  });

  it('is watched no longer than that, with patience, and tells when it last looked', async () => {
    const { begin, drain, clock, looks, journal } = drainingPool(() => [busy('m1'), busy('m2')]);
    const id = await begin(flush(['bi-pool']));
    await clock.pass(601_000);
    expect(await drain(id)).toMatchObject({ state: 'ended', remaining: 2 });
    expect(looks()).toBeLessThan(30);
    // The first tells whom the flush marked, the last that the watch is over.
    expect(journal.kinds.filter((is) => is === 'drain')).toHaveLength(looks() + 2);
    expect(clock.sleepers).toBe(0);
  });

  it('is still watched where it cannot be looked at for a while, and tells nothing meanwhile', async () => {
    let seen: readonly Process[] | Failure = unreachable;
    const { begin, drain, clock, journal } = drainingPool(() => seen);
    const id = await begin(flush(['bi-pool']));
    await clock.pass(300_000);
    expect(await drain(id)).toMatchObject({
      state: 'watching',
      remaining: 2,
      checkedAt: new Date(start).toISOString(),
    });
    expect(journal.kinds.filter((is) => is === 'drain')).toHaveLength(1);
    seen = [free('m1')];
    await clock.pass(31_000);
    expect(await drain(id)).toMatchObject({ state: 'drained' });
  });

  it('is not drained where nobody is shown', async () => {
    const { begin, drain, clock } = drainingPool(() => [], { seconds: 600 });
    const id = await begin(flush(['bi-pool']));
    await clock.pass(300_000);
    expect(await drain(id)).toMatchObject({ state: 'watching', remaining: 2, ids: ['m1', 'm2'] });
    await clock.pass(300_000);
    expect(await drain(id)).toMatchObject({ state: 'ended', remaining: 2 });
  });

  it.each([
    ['the vendor does not tell marks', () => [busy('m1', null)]],
    ['the vendor does not know the call', () => new Failure('unsupported-operation', 'rc 7', { sent: 'refused' })],
  ])('is unknown where %s', async (_name, later) => {
    const { begin, drain, clock, journal } = drainingPool(later);
    const id = await begin(flush(['bi-pool']));
    await clock.pass(2000);
    expect(await drain(id)).toMatchObject({ state: 'unknown', remaining: null });
    expect(journal.kinds.at(-1)).toBe('over');
  });

  it('does not count whoever was not marked by this flush', async () => {
    const { begin, drain, clock } = drainingPool(() => [busy('m2'), busy('m9'), busy('m1', false)]);
    const id = await begin(flush(['bi-pool']));
    await clock.pass(2000);
    expect(await drain(id)).toMatchObject({ remaining: 1, ids: ['m2'] });
  });

  it('counts whoever is marked where nobody could list them at first', async () => {
    const { begin, drain, clock } = drainingPool(() => [busy('m5'), free('m1')], { marked: null });
    const id = await begin(flush(['bi-pool']));
    await quiet();
    expect(await drain(id)).toMatchObject({ state: 'watching', remaining: null, checkedAt: null });
    await clock.pass(2000);
    expect(await drain(id)).toMatchObject({ remaining: 1, ids: ['m5'] });
  });

  it('is watched for the newest flush alone', async () => {
    const { begin, drain, clock, journal } = drainingPool(() => [busy('m1'), busy('m2')]);
    const first = await begin(flush(['bi-pool']));
    await clock.pass(3000);
    const second = await begin(flush(['bi-pool']));
    await quiet();
    expect([await drain(first), await drain(second)]).toMatchObject([{ state: 'ended' }, { state: 'watching' }]);
    expect(journal.kinds.filter((is) => is === 'over')).toHaveLength(1);
  });

  it('is watched on by another replica, until the same moment', async () => {
    const one = drainingPool(() => [busy('m1')]);
    const { journal, clock } = one;
    const id = await one.begin(flush(['bi-pool']));
    await clock.pass(10_000);
    await one.operations.stop();
    const two = drainingPool(() => [busy('m1')], {}, { journal, clock, owner: 'replica-2' });
    two.keep();
    await clock.pass(100_000);
    expect(two.looks()).toBeGreaterThan(0);
    expect(await two.drain(id)).toMatchObject({ state: 'watching' });
    await clock.pass(500_000);
    expect(await two.drain(id)).toMatchObject({ state: 'ended' });
    expect(one.looks() + two.looks()).toBeLessThan(40);
    expect(two.ended).toEqual([]);
  });

  it('that is found again does not end the watch of a newer flush', async () => {
    const one = drainingPool(() => [busy('m1')]);
    const { journal, clock } = one;
    const older = await one.begin(flush(['bi-pool']));
    await clock.pass(3000);
    const two = drainingPool(() => [busy('m1')], {}, { journal, clock, owner: 'replica-2' });
    const newer = await two.begin(flush(['bi-pool']));
    await clock.pass(3000);
    await one.operations.stop();
    two.keep();
    await clock.pass(10_000);
    expect([await two.drain(older), await two.drain(newer)]).toMatchObject([{ state: 'ended' }, { state: 'watching' }]);
  });
});
