import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../model/clock.js';
import { admitCall } from '../choose/admitted.js';
import { Engine } from './engine.js';
import { Refusals } from '../model/refusals.js';
import { inQuery } from '../model/request.js';
import { everything } from '../model/selection.js';
import { byUser, flush, kill, outcomes, setUp, threads } from './spec-engine.js';
import { quiet, SpecJournal, storeDown } from '../record/spec-journal.js';
import { allEnded, database, done, pool, route, withoutSafeguards } from '../model/spec-targets.js';
import type { Done, Listing, Target } from '../model/target.js';

describe('stopping', () => {
  it('waits for a kill that still looks, which then is refused before anything is sent or recorded', async () => {
    const looked = Promise.withResolvers<Listing>();
    const asked = Promise.withResolvers<undefined>();
    const sent: string[] = [];
    const node = { name: null, id: null, component: null };
    const target: Target = {
      name: 'orders',
      backend: 'taurusdb',
      labels: {},
      description: null,
      ...withoutSafeguards,
      facts: new Set(['user']),
      states: new Set(['idle']),
      isId: () => true,
      configuredNodes: [node],
      nodes: () => Promise.resolve([node]),
      lookMs: 15_000,
      look: () => {
        asked.resolve(undefined);
        return looked.promise;
      },
      kill: {
        call: 'kill',
        route,
        batch: 20,
        tellsNotFound: true,
        run: (_node, refs) => {
          sent.push(...refs.map(({ id }) => id));
          return Promise.reject(new Error('nothing was to be sent'));
        },
      },
    };
    const journal = new SpecJournal();
    const operations = new Engine(journal, systemClock, 'replica-1');
    const targets = { all: [target], named: () => target };
    const grants = [{ role: 'operator' as const, matches: () => true, statements: false }];
    const call = admitCall(
      { targets, caller: { name: 'app', grants }, refusals: new Refusals(), freezes: [], now: 0 },
      {
        writing: inQuery,
        kind: 'processes.kill',
        targets: ['orders'],
        selection: { ...everything, ids: ['1'] },
        plan: null,
        max: null,
        dryRun: false,
        reason: null,
        onBehalfOf: null,
      },
    );
    const begun = operations.open(call, { requestId: 'r1', key: null, answerBy: Date.now() });
    await asked.promise;
    let isDrained = false;
    const drained = operations.drain().then(() => {
      isDrained = true;
    });
    await systemClock.sleep(0);
    expect(isDrained).toBe(false);
    looked.resolve({ processes: [], complete: true, at: new Date() });
    await expect(begun).rejects.toMatchObject({ kind: 'draining', sent: 'never' });
    await drained;
    expect([...sent, ...journal.kinds]).toEqual([]);
  });
});

describe('a replica that stops', () => {
  const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);

  it('waits for the last events of what has ended to be written', async () => {
    const slow = pool('slow', () => Promise.resolve(done('flushpool')));
    const { operations, journal, begin } = setUp([slow]);
    const id = await begin(flush(['slow']));
    const hold = Promise.withResolvers<undefined>();
    await journal.seen(({ is }) => is === 'started');
    journal.hold = hold.promise.then(() => undefined);
    await quiet();
    expect(operations.running).toBe(0);
    let isDrained = false;
    const drained = operations.drain().then(() => {
      isDrained = true;
    });
    await quiet();
    expect(isDrained).toBe(false);
    hold.resolve(undefined);
    await drained;
    await operations.stop();
    await quiet();
    expect((await journal.read(id))?.operation).toMatchObject({ state: 'succeeded' });
  });

  it('sends nothing once it has given up, though a part was about to', async () => {
    const first = Promise.withResolvers<undefined>();
    const { target, sent } = database(
      { n1: threads('1', '2') },
      {
        batch: 1,
        kill: async (ids) => {
          await first.promise;
          return allEnded(ids);
        },
      },
    );
    const { operations, journal, begin, ended } = setUp([target]);
    await begin(kill(byUser('sue')));
    await quiet();
    const hold = Promise.withResolvers<undefined>();
    journal.hold = hold.promise.then(() => undefined);
    const abandoned = operations.abandon();
    first.resolve(undefined);
    await quiet();
    hold.resolve(undefined);
    await abandoned;
    await quiet();
    expect(sent).toEqual(['n1: 1']);
    expect(ended).toHaveLength(1);
  });

  it('leaves unknown what was sent, tells it once, and another one settles it', async () => {
    const content = { n1: [...threads('1')] };
    const { target, sent } = database(content, { kill: never });
    const { operations, journal, clock, begin, ended } = setUp([target]);
    const id = await begin(kill(byUser('sue')));
    await quiet();
    await operations.abandon();
    await operations.stop();
    expect(ended.map((operation) => outcomes(operation))).toEqual([['1 unknown']]);
    expect(journal.kinds.at(-1)).toBe('closed');
    content.n1.splice(0);
    const second = setUp([target], {}, { journal, clock, owner: 'replica-2' });
    second.keep();
    await clock.pass(3000);
    const operation = await second.operations.read(id);
    expect(operation).toMatchObject({ state: 'succeeded', targets: [{ items: [{ id: '1', verified: true }] }] });
    expect(second.ended).toEqual([]);
    expect(second.changed).toHaveLength(1);
    expect(sent).toEqual(['n1: 1']);
  });

  it('tells what it had not sent as failed', async () => {
    const { target } = database({ n1: [] }, { extra: { look: never } });
    const { operations, begin, ended } = setUp([target]);
    await begin(flush(['orders']));
    await quiet();
    await operations.abandon();
    expect(ended).toMatchObject([{ state: 'failed', targets: [{ problem: { code: 'draining' } }] }]);
  });

  it('sends nothing of what began after it was given up', async () => {
    const held = Promise.withResolvers<undefined>();
    const { target, sent } = database({ n1: threads('1') });
    const { operations, journal, begin } = setUp([target]);
    const open = journal.open.bind(journal);
    journal.open = async (...asked) => {
      await held.promise;
      return open(...asked);
    };
    const begun = begin(kill(byUser('sue')));
    await quiet();
    await operations.abandon();
    held.resolve(undefined);
    const id = await begun;
    await quiet();
    expect(sent).toEqual([]);
    expect((await journal.read(id))?.operation.state).toBe('running');
  });

  it('lets nobody wait, leaves no sleeper behind, and gives up even if the store is gone', async () => {
    const { operations, journal, clock, begin, thrownErrors } = setUp([pool('slow', never)]);
    const id = await begin(flush(['slow']));
    await quiet();
    const waiting = operations.wait(id, 10_000);
    operations.stopWaiting();
    await waiting;
    journal.isDown = true;
    const abandoned = operations.abandon();
    await clock.pass(1000);
    await abandoned;
    await operations.stop();
    await quiet();
    expect(clock.sleepers).toBe(0);
    expect(thrownErrors.map(([, thrown]) => thrown)).toEqual([storeDown, storeDown]);
  });
});

describe('whoever listens', () => {
  it.each(['onTouched', 'onEnd'] as const)('cannot keep an operation from its end: %s', async (listen) => {
    const orders = database({ n1: threads('1') });
    const ledger = database({ n1: threads('2') }, { name: 'ledger' });
    const { operations, journal, thrownErrors, begin } = setUp([orders.target, ledger.target]);
    const defect = new Error('a defect');
    operations.listeners[listen](() => {
      throw defect;
    });
    const id = await begin(kill(byUser('sue'), { targets: ['orders', 'ledger'] }));
    await quiet();
    expect(await journal.read(id)).toMatchObject({ operation: { state: 'succeeded', endedAt: expect.any(String) } });
    expect(journal.kinds.slice(-2)).toEqual(['closed', 'over']);
    expect(thrownErrors).toContainEqual([id, defect]);
  });
});

describe('waiting for what another replica runs', () => {
  it('ends with it', async () => {
    const slow = Promise.withResolvers<Done>();
    const { journal, clock, begin } = setUp([pool('slow', () => slow.promise)]);
    const id = await begin(flush(['slow']));
    const other = setUp([], {}, { journal, clock, owner: 'replica-2' });
    let isOver = false;
    const waiting = other.operations.wait(id, 10_000).then(() => {
      isOver = true;
    });
    await clock.pass(3000);
    expect(isOver).toBe(false);
    slow.resolve(done('flushpool'));
    await clock.pass(1000);
    expect(isOver).toBe(true);
    await waiting;
    expect(clock.sleepers).toBe(0);
  });

  it('fails with the store, and leaves no sleeper behind', async () => {
    const { operations, journal, clock } = setUp([]);
    journal.isDown = true;
    await expect(operations.wait('op_1', 10_000)).rejects.toBe(storeDown);
    expect(clock.sleepers).toBe(0);
  });
});
