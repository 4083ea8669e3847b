import { describe, expect, it } from '@jest/globals';
import type { OperationEvent } from '../model/event.js';
import { LeaseLost } from '../record/journal.js';
import { Keeper } from './leases.js';
import { byUser, failureOf, flush, kill, setUp, threads } from './spec-engine.js';
import { prepared } from '../../store/spec-operations.js';
import { quiet, SpecClock, SpecJournal, start, storeDown } from '../record/spec-journal.js';
import { allEnded, database, pool, route } from '../model/spec-targets.js';
import type { Call, Kill } from '../model/target.js';

const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);

describe('a keeper', () => {
  function keeperOf(mine: readonly string[]) {
    const journal = new SpecJournal();
    const clock = new SpecClock();
    const keeper = new Keeper(journal, clock, 'replica-1');
    const faults: unknown[] = [];
    const taken: string[] = [];
    const begin = (takeOver = (id: string) => Promise.resolve(taken.push(id) > 0)): void => {
      keeper.start(
        () => mine,
        takeOver,
        (thrown) => faults.push(thrown),
      );
    };
    return { journal, clock, keeper, faults, taken, begin };
  }

  it('renews what it has every 5 s, for 15 s each', async () => {
    const { journal, clock, begin } = keeperOf(['op_1']);
    begin();
    await clock.pass(12_000);
    expect(journal.renewals.map(({ owner, until }) => [owner, until - start])).toEqual([
      ['replica-1', 15_000],
      ['replica-1', 20_000],
      ['replica-1', 25_000],
    ]);
  });

  it('renews nothing where there is nothing', async () => {
    const { journal, clock, begin } = keeperOf([]);
    begin();
    await clock.pass(12_000);
    expect(journal.renewals).toEqual([]);
  });

  it.each([
    ['just after it was taken', 0, 12_999, true],
    ['with too little of its lease left', 0, 13_000, false],
    ['as long as it is renewed', 60_000, 60_000, true],
  ])('holds an operation %s: %#', async (_name, kept, at, holds) => {
    const { clock, keeper, begin } = keeperOf(['op_1']);
    if (kept > 0) {
      begin();
      await clock.pass(kept);
    }
    clock.advance(at - (clock.now() - start));
    const check = (): void => {
      keeper.assertHolds('op_1', start);
    };
    if (holds) check();
    else expect(check).toThrow(LeaseLost);
  });

  it('does not hold what it could not renew, tells why, and goes on trying', async () => {
    const { journal, clock, keeper, faults, begin } = keeperOf(['op_1']);
    begin();
    await quiet();
    journal.isDown = true;
    await clock.pass(15_000);
    expect(() => {
      keeper.assertHolds('op_1', start);
    }).toThrow(LeaseLost);
    expect(faults).toContain(storeDown);
    journal.isDown = false;
    await clock.pass(5000);
    keeper.assertHolds('op_1', start);
  });

  describe('after an outage', () => {
    /** Lets so many operations fail to begin, and gives those that are looked for afterwards, and how many at once. */
    async function lookedFor(count: number, fault: 'broken' | 'silent') {
      const { journal, clock, keeper, begin } = keeperOf([]);
      const seen = new Set<string>();
      let now = 0;
      let most = 0;
      begin(async (id) => {
        seen.add(id);
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return false;
      });
      await quiet();
      journal[fault] = () => true;
      const ids = Array.from({ length: count }, (_, index) => `op_${String(index)}`);
      const opened = await Promise.allSettled(ids.map((id) => keeper.open(prepared(id), { claims: [], spending: [] })));
      expect(opened.every(({ status }) => status === 'rejected')).toBe(true);
      journal[fault] = () => false;
      await clock.pass(6000);
      const first = seen.size;
      seen.clear();
      await clock.pass(20_000);
      seen.clear();
      await clock.pass(20_000);
      return { first, most, later: seen.size };
    }

    it('looks for nothing that surely did not begin', async () => {
      expect(await lookedFor(500, 'broken')).toEqual({ first: 0, most: 0, later: 0 });
    });

    it('looks for what may have begun, 100 at a time, and not for ever', async () => {
      expect(await lookedFor(250, 'silent')).toEqual({ first: 250, most: 100, later: 0 });
    });

    it('remembers no more than 2000 of those', async () => {
      expect(await lookedFor(2500, 'silent')).toEqual({ first: 2000, most: 100, later: 0 });
    });
  });

  it('stops at once, leaves no sleeper behind, and gives back what it has', async () => {
    const { journal, clock, keeper, begin } = keeperOf(['op_1']);
    begin();
    await clock.pass(1000);
    await keeper.stop(true);
    expect(clock.sleepers).toBe(0);
    expect(journal.renewals.at(-1)?.until).toBe(clock.now());
    await clock.pass(30_000);
    expect(journal.renewals).toHaveLength(2);
  });
});

describe('what nobody works on any more', () => {
  it('is taken over at the next try if it could not be read at the first', async () => {
    const { target } = database({ n1: threads('1') }, { kill: never });
    const first = setUp([target]);
    const { journal, clock } = first;
    const id = await first.begin(kill(byUser('sue')));
    await journal.seen(({ is }) => is === 'started');
    const busy = database({ n1: threads('7') }, { name: 'ledger', kill: never });
    const second = setUp([target, busy.target], {}, { journal, clock, owner: 'replica-2' });
    // It has something of its own, so that it renews all that is its in the store.
    await second.begin(kill(byUser('sue'), { targets: ['ledger'] }));
    let reads = 0;
    const read = journal.read.bind(journal);
    journal.read = (operation) => {
      if (operation !== id) return read(operation);
      reads += 1;
      return reads === 1 ? Promise.reject(storeDown) : read(operation);
    };
    second.keep();
    await clock.pass(40_000);
    expect(second.thrownErrors.map(([, thrown]) => thrown)).toContain(storeDown);
    expect(await second.operations.read(id)).toMatchObject({ state: 'unknown' });
  });

  it.each([
    ['that began, though the store did not say so', 'forgetful' as const, true],
    ['that did not begin, though the store did not say so', 'silent' as const, false],
    ['that did not begin', 'broken' as const, false],
  ])('is an operation %s', async (_name, fault, isThere) => {
    const calls: string[] = [];
    const target = pool('carts', () => {
      calls.push('flushpool');
      return never();
    });
    const busy = database({ n1: threads('7') }, { kill: never });
    const { journal, clock, operations, ended, keep, begin } = setUp([target, busy.target]);
    keep();
    await begin(kill(byUser('sue')));
    let lost: OperationEvent | null = null;
    journal[fault] = (event) => {
      if (event.is !== 'prepared') return false;
      lost = event;
      return true;
    };
    expect(await failureOf(begin(flush(['carts'])))).toMatchObject({ kind: 'store-unavailable', sent: 'never' });
    journal[fault] = () => false;
    await clock.pass(20_000);
    const { header } = lost as unknown as Extract<OperationEvent, { is: 'prepared' }>;
    const found = await operations.read(header.id);
    if (isThere) expect(found).toMatchObject({ state: 'failed', targets: [{ problem: { code: 'draining' } }] });
    else expect(found).toBeUndefined();
    expect(ended).toHaveLength(isThere ? 1 : 0);
    expect(calls).toEqual([]);
    // Whichever it was: the target is free.
    await begin(flush(['carts']));
    await quiet();
    expect(calls).toEqual(['flushpool']);
  });

  it('is taken back by whoever had lost it, once the other has died as well', async () => {
    const answer = Promise.withResolvers<undefined>();
    const silentOne = database({ n1: threads('1') }, { kill: never });
    const { target, sent } = database(
      { n1: threads('7') },
      {
        name: 'ledger',
        kill: async (ids) => {
          await answer.promise;
          return allEnded(ids);
        },
      },
    );
    const { journal, clock, operations, begin, keep } = setUp([silentOne.target, target]);
    const id = await begin(kill(byUser('sue'), { targets: ['orders', 'ledger'] }));
    await quiet();
    // Another one has it for a while, and never writes a word: that it is lost is seen when something is to be written.
    clock.advance(15_000);
    const now = clock.now();
    await journal.adopt({ owner: 'replica-2', now, until: now + 15_000 }, 100);
    answer.resolve(undefined);
    await quiet();
    expect(journal.kinds).not.toContain('answered');
    keep();
    await clock.pass(12_000);
    expect(await operations.read(id)).toMatchObject({ state: 'running' });
    await clock.pass(12_000);
    expect(await operations.read(id)).toMatchObject({ state: 'unknown' });
    expect([...silentOne.sent, ...sent]).toEqual(['n1: 1', 'n1: 7']);
  });

  it('lets nothing be sent any more by who had it, whatever waits to be sent', async () => {
    const calls: Call[] = [];
    const run: Kill['run'] = (_node, _refs, call) => {
      calls.push(call);
      return never();
    };
    const { target } = database(
      { n1: threads('1') },
      { extra: { kill: { call: 'kill', route, batch: 20, tellsNotFound: true, run } } },
    );
    const { clock, begin } = setUp([target]);
    await begin(kill(byUser('sue')));
    await quiet();
    const [call] = calls;
    expect(call?.assertMaySend).not.toThrow();
    // Nobody renews its lease.
    clock.advance(14_000);
    expect(call?.assertMaySend).toThrow(expect.objectContaining({ kind: 'store-unavailable', sent: 'never' }));
  });

  it('stays with its owner, who only was slow to say that it is there', async () => {
    const slow = Promise.withResolvers<undefined>();
    const { target, sent } = database(
      { n1: threads('1') },
      {
        kill: async (ids) => {
          await slow.promise;
          return allEnded(ids);
        },
      },
    );
    const { clock, operations, keep, begin, ended } = setUp([target]);
    const id = await begin(kill(byUser('sue')));
    await quiet();
    clock.advance(20_000);
    keep();
    await quiet();
    slow.resolve(undefined);
    await clock.pass(10_000);
    expect(await operations.read(id)).toMatchObject({ state: 'succeeded' });
    expect(ended).toHaveLength(1);
    expect(sent).toEqual(['n1: 1']);
  });
});
