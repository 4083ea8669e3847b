import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../model/operation.js';
import type { Process } from '../model/process.js';
import { byUser, flush, kill, outcomes, setUp, threads, type Setting } from '../engine/spec-engine.js';
import { quiet, start } from '../record/spec-journal.js';
import { allEnded, database, done, pool, processOf, recordOf, refused, silent } from '../model/spec-targets.js';
import type { Done, Listing, Target } from '../model/target.js';

/** All that settling may take. */
const budgetMs = 130_000;

async function after({ clock, operations }: Setting, id: string, milliseconds: number): Promise<Operation> {
  await clock.pass(milliseconds);
  const found = await operations.read(id);
  if (!found) throw new Error('It is gone.');
  return found;
}

describe('a kill that was not answered', () => {
  const connectedAt = (seconds: number, at = start): Partial<Process> => ({
    ageSeconds: (at - start) / 1000 + seconds,
  });

  /** A database with one thread, whose kill is not answered; what it lists afterwards is the test's. */
  function unanswered(later: (at: number) => Partial<Listing> | Error) {
    let looks = 0;
    const { target, sent } = database(
      { n1: [processOf('1', connectedAt(100))] },
      { kill: () => Promise.reject(silent) },
    );
    const setting = setUp([
      {
        ...target,
        look: (node, call) => {
          looks += 1;
          const at = setting.clock.now();
          const first = { processes: [processOf('1', { ...connectedAt(100, at), node: node.name })], complete: true };
          if (looks === 1) return Promise.resolve({ ...first, at: new Date(at) });
          expect(call.deadline - at).toBe(15_000);
          const listing = later(at);
          if (listing instanceof Error) return Promise.reject(silent);
          return Promise.resolve({ ...first, at: new Date(at), ...listing });
        },
      },
    ]);
    return { ...setting, sent, looks: () => looks };
  }

  it.each([
    ['ended once it is gone', () => ({ processes: [] }), 'succeeded', '1 ended', true],
    [
      'ended where another session has got its id',
      (at: number) => ({ processes: [processOf('1', { ...connectedAt(-1, at), ageSeconds: 0 })] }),
      'succeeded',
      '1 ended',
      true,
    ],
    [
      'ended where another client has got its id',
      () => ({ processes: [processOf('1', { client: '10.0.0.8:1' })] }),
      'succeeded',
      '1 ended',
      true,
    ],
    ['unknown while it is there', () => ({}), 'unknown', '1 unknown', false],
    [
      'unknown where it has turned to another user and database since',
      () => ({ processes: [processOf('1', { user: 'bob', database: 'reports' })] }),
      'unknown',
      '1 unknown',
      false,
    ],
    [
      'unknown where its client is not told any more',
      () => ({ processes: [processOf('1', { client: null })] }),
      'unknown',
      '1 unknown',
      false,
    ],
    [
      'unknown where only the making of the list took long',
      (at: number) => ({
        processes: [processOf('1', connectedAt(100, at - 8000))],
        begunAt: new Date(at - 8000),
      }),
      'unknown',
      '1 unknown',
      false,
    ],
    ['unknown where the list was cut', () => ({ processes: [], complete: false }), 'unknown', '1 unknown', false],
    ['unknown where nobody can look', () => new Error('dead'), 'unknown', '1 unknown', false],
  ])('is %s', async (_name, later, state, outcome, verified) => {
    const setting = unanswered(later);
    const id = await setting.begin(kill(byUser('sue')));
    await quiet();
    expect(await setting.operations.read(id)).toMatchObject({ state: 'unknown' });
    const operation = await after(setting, id, budgetMs);
    expect(operation.state).toBe(state);
    expect(outcomes(operation)).toEqual([outcome]);
    expect(operation.targets[0]).toMatchObject({
      items: [{ verified }],
      problem: verified ? null : { code: 'outcome-unknown' },
    });
    expect(setting.sent).toEqual(['n1: 1']);
    expect(setting.ended).toHaveLength(1);
    const { lastSeenAt = null } = operation.targets[0]?.items[0] ?? {};
    const isSeenLater = lastSeenAt !== null && lastSeenAt !== new Date(start).toISOString();
    expect(setting.changed).toHaveLength(verified || isSeenLater ? 1 : 0);
  });

  it('is looked at again until it is known, and no longer', async () => {
    let left = 2;
    const setting = unanswered(() => {
      left -= 1;
      return left > 0 ? {} : { processes: [] };
    });
    const id = await setting.begin(kill(byUser('sue')));
    expect(await after(setting, id, 1000)).toMatchObject({ state: 'unknown' });
    expect(setting.looks()).toBe(2);
    expect(await after(setting, id, 2000)).toMatchObject({ state: 'unknown' });
    expect(await after(setting, id, 4000)).toMatchObject({ state: 'succeeded' });
    expect(setting.changed).toHaveLength(1);
    await after(setting, id, budgetMs);
    expect(setting.looks()).toBe(4);
    expect(setting.journal.kinds.filter((is) => is === 'verified')).toHaveLength(1);
    expect(setting.clock.sleepers).toBe(0);
  });

  it('is settled by two whole looks one after the other, and by nothing less', async () => {
    const cut = { processes: [], complete: false };
    const gone = { processes: [] };
    const later = [gone, {}, gone, cut, gone];
    const setting = unanswered(() => later.shift() ?? gone);
    const id = await setting.begin(kill(byUser('sue')));
    for (const pauseMs of [1000, 2000, 4000, 8000]) {
      expect(await after(setting, id, pauseMs)).toMatchObject({ state: 'unknown' });
    }
    expect(await after(setting, id, 15_000)).toMatchObject({ state: 'succeeded', targets: [{ problem: null }] });
    expect(later).toEqual([]);
  });

  it('says of whom it is not known when it was last seen alive', async () => {
    const setting = unanswered((at) => (at < start + 10_000 ? {} : new Error('dead')));
    const id = await setting.begin(kill(byUser('sue')));
    const seen = async (milliseconds: number) =>
      (await after(setting, id, milliseconds)).targets[0]?.items.map(({ lastSeenAt }) => lastSeenAt);
    expect(await seen(0)).toEqual([new Date(start).toISOString()]);
    expect(await seen(1000)).toEqual([new Date(start + 1000).toISOString()]);
    expect(await seen(budgetMs)).toEqual([new Date(start + 7000).toISOString()]);
  });

  it('is given up after about two minutes, and leaves nothing behind', async () => {
    const setting = unanswered(() => ({}));
    const id = await setting.begin(kill(byUser('sue')));
    await after(setting, id, 119_000);
    expect(setting.journal.kinds).not.toContain('over');
    await after(setting, id, 2000);
    expect(setting.journal.kinds.at(-1)).toBe('over');
    expect(setting.looks()).toBe(8);
    await setting.clock.pass(budgetMs);
    expect(setting.looks()).toBe(8);
    expect(setting.clock.sleepers).toBe(0);
  });

  it('has what the vendor said it ended confirmed along with it', async () => {
    const { target } = database(
      { n1: threads('1', '2') },
      { batch: 1, kill: (ids) => (ids[0] === '1' ? allEnded(ids) : Promise.reject(silent)) },
    );
    let looks = 0;
    const setting = setUp([
      {
        ...target,
        look: (node, call) => {
          looks += 1;
          if (looks === 1 && target.look) return target.look(node, call);
          return Promise.resolve({ processes: [], complete: true, at: new Date(start) });
        },
      },
    ]);
    const id = await setting.begin(kill(byUser('sue')));
    const operation = await after(setting, id, 3000);
    expect(operation.targets[0]?.items.map(({ id: item, outcome, verified }) => [item, outcome, verified])).toEqual([
      ['1', 'ended', true],
      ['2', 'ended', true],
    ]);
  });

  it('is not waited for where all was answered', async () => {
    const { target } = database({ n1: threads('1') });
    const { journal, clock, begin } = setUp([target]);
    await begin(kill(byUser('sue')));
    await quiet();
    expect(journal.kinds.at(-1)).toBe('over');
    expect(clock.sleepers).toBe(0);
  });
});

describe('a mass call that was not answered', () => {
  const member = (id: string, facts: Partial<Process>): Process =>
    processOf(id, { node: null, target: 'carts', ageSeconds: null, ...facts });

  function massOf(processes: (at: number) => readonly Process[], extra: Partial<Target> = {}) {
    const clock: { now?: () => number } = {};
    const target = pool('carts', () => Promise.reject(silent), {
      look: () => {
        const at = clock.now?.() ?? start;
        return Promise.resolve({ processes: processes(at), complete: true, at: new Date(at) });
      },
      ...extra,
    });
    const setting = setUp([target]);
    clock.now = () => setting.clock.now();
    return setting;
  }

  const pooled = (facts: Partial<Process>) => () => [member('m1', facts)];
  const aged = { facts: new Set(['ageSeconds' as const]), states: new Set(['idle' as const, 'active' as const]) };

  it.each([
    ['nobody is logged in any more', pooled({ state: 'offline' }), {}, 'succeeded'],
    ['whoever is busy is marked', pooled({ state: 'active', draining: true }), {}, 'succeeded'],
    ['somebody is busy and not marked', pooled({ state: 'active', draining: false }), {}, 'unknown'],
    ['somebody is still free', pooled({ state: 'idle', draining: null }), {}, 'unknown'],
    ['nobody is shown', () => [], {}, 'unknown'],
    ['whoever is idle has connected since', pooled({ state: 'idle', ageSeconds: 0 }), aged, 'succeeded'],
    ['somebody idle was there before', pooled({ state: 'idle', ageSeconds: 500 }), aged, 'unknown'],
    ['somebody idle may have been there before', pooled({ state: 'idle', ageSeconds: null }), aged, 'unknown'],
    [
      'whoever was there before was busy before',
      pooled({ state: 'active', ageSeconds: 500, busySeconds: 400 }),
      aged,
      'succeeded',
    ],
    [
      'whoever was there before is busy since',
      pooled({ state: 'active', ageSeconds: 500, busySeconds: 0 }),
      aged,
      'unknown',
    ],
    [
      'whoever was there before is busy, and nobody says since when',
      pooled({ state: 'active', ageSeconds: 500, busySeconds: null }),
      aged,
      'unknown',
    ],
    [
      'somebody who was there before is in a transaction',
      pooled({ state: 'idleInTransaction', ageSeconds: 500, busySeconds: 400 }),
      aged,
      'unknown',
    ],
  ])('is judged where %s', async (_name, processes, extra, state) => {
    const setting = massOf(processes, extra);
    const id = await setting.begin(flush(['carts']));
    const operation = await after(setting, id, budgetMs);
    expect(operation.state).toBe(state);
    expect(setting.changed).toHaveLength(state === 'succeeded' ? 1 : 0);
  });

  it('spares whoever is protected from the judgement', async () => {
    const setting = massOf(pooled({ state: 'active', ageSeconds: 500 }), {
      ...aged,
      protects: () => 'replication',
      flush: {
        forced: {
          call: 'kill-all',
          route: { method: 'POST', path: '/' },
          per: 'target',
          run: () => Promise.reject(silent),
        },
      },
    });
    const id = await setting.begin(flush(['carts'], { mode: 'forced' }));
    expect(await after(setting, id, budgetMs)).toMatchObject({ state: 'succeeded' });
  });

  it('does not hold the flush lock while it is settled', async () => {
    const setting = massOf(pooled({ state: 'active', draining: false }));
    await setting.begin(flush(['carts']));
    await setting.clock.pass(5000);
    await expect(setting.begin(flush(['carts']))).resolves.toMatch(/^op_/);
  });

  it('has its job asked after, though it was lost sight of', async () => {
    let isKnown = false;
    const accepted: Done = { is: 'job', call: recordOf('kill-all', null, 'j1'), job: 'j1' };
    const setting = massOf(pooled({ state: 'active', draining: false }), {
      flush: {
        graceful: {
          call: 'kill-all',
          route: { method: 'POST', path: '/' },
          per: 'target',
          run: () => Promise.resolve(accepted),
        },
      },
      follow: () => (isKnown ? Promise.resolve(done('kill-all')) : Promise.reject(refused)),
    });
    const id = await setting.begin(flush(['carts']));
    for (let second = 0; second < 601 && (await setting.operations.read(id))?.state === 'running'; second += 1)
      await setting.clock.pass(1000);
    expect(await setting.operations.read(id)).toMatchObject({ state: 'unknown' });
    isKnown = true;
    expect(await after(setting, id, 4000)).toMatchObject({ state: 'succeeded' });
  });
});
