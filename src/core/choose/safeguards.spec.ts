import { describe, expect, it } from '@jest/globals';
import { capErrors } from './caps.js';
import { Failure } from '../model/failure.js';
import { byUser, failureOf, flush, kill, outcomes, patterns, setUp, threads, tune } from '../engine/spec-engine.js';
import { quiet, storeDown } from '../record/spec-journal.js';
import {
  allEnded,
  database,
  done,
  plain,
  pool,
  processOf,
  withSafeguards,
  route,
  silent,
  unreachable,
} from '../model/spec-targets.js';
import { inBody } from '../model/request.js';
import { everything, type Selection } from '../model/selection.js';
import type { Done, Target } from '../model/target.js';

const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at + 1));
const protect: readonly Selection[] = [{ ...everything, text: { user: patterns('repl_*') } }];

describe('a target that is read-only', () => {
  it.each([
    ['killed', kill(byUser('sue'))],
    ['flushed', flush(['orders'])],
    ['tuned', { ...tune, targets: ['orders'] }],
  ])('is not %s, nor looked at for it', async (_name, request) => {
    let looks = 0;
    const look = (): Promise<never> => {
      looks += 1;
      return Promise.reject(unreachable);
    };
    const run = (): Promise<Done> => Promise.resolve(done('session'));
    const extra: Partial<Target> = {
      look,
      tune: { call: 'session', route, run },
      ...withSafeguards({ readOnly: true }),
    };
    const { target, sent } = database({ n1: threads('1') }, { extra });
    const { begin, journal } = setUp([target]);
    expect(await failureOf(begin(request))).toMatchObject({ kind: 'read-only', sent: 'never' });
    expect([...sent, ...journal.kinds, looks]).toEqual([0]);
  });

  it('names the one of several, and is told of by a dry run', async () => {
    const orders = database({ n1: threads('1') });
    const ledger = database({ n1: threads('1') }, { name: 'ledger', extra: withSafeguards({ readOnly: true }) });
    const { begin, run } = setUp([orders.target, ledger.target]);
    const request = flush(['orders', 'ledger'], { mode: 'forced', writing: inBody });
    expect((await failureOf(begin(request))).errors.map(({ pointer }) => pointer)).toEqual(['/targets/1']);
    expect(orders.sent).toEqual([]);
    expect(await run({ ...request, dryRun: true })).toMatchObject({ refusal: { code: 'read-only' }, plan: null });
  });
});

describe('what is protected', () => {
  const seen = { n1: [processOf('1'), processOf('2', { user: 'repl_a' }), processOf('3', { user: null })] };
  const guarded = () => database(seen, { extra: withSafeguards({ protect }) });

  it('is spared by a filter, and counted', async () => {
    const { target, sent } = guarded();
    const operation = await setUp([target]).run(kill({ states: { includes: ['idle'], excludes: [] } }));
    expect(sent).toEqual(['n1: 1']);
    expect(operation).toMatchObject({ state: 'succeeded', counts: { ended: 1, skipped: 2 } });
  });

  it('is spared by a forced flush', async () => {
    const { target, sent } = guarded();
    await setUp([target]).run(flush(['orders'], { mode: 'forced' }));
    expect(sent).toEqual(['n1: 1']);
  });

  it('keeps the vendor’s own call, which spares nobody, from being made', async () => {
    const { target, sent } = guarded();
    const calls: string[] = [];
    const run = (): Promise<Done> => {
      calls.push('kill-all');
      return Promise.resolve(done('kill-all'));
    };
    const native: Target = { ...target, flush: { forced: { call: 'kill-all', route, per: 'target', run } } };
    const operation = await setUp([native]).run(flush(['orders'], { mode: 'forced' }));
    expect([...calls, ...sent]).toEqual(['n1: 1']);
    expect(operation.targets[0]?.strategy).toBe('selective');
  });

  it('is skipped among named ids, and refused if they all are', async () => {
    const { target, sent } = guarded();
    const { run, begin, journal } = setUp([target]);
    expect(await failureOf(begin(kill({ ids: ['2', '3'] })))).toMatchObject({
      kind: 'protected',
      errors: [{ parameter: 'id' }, { parameter: 'id' }],
    });
    expect(journal.kinds).toEqual([]);
    const operation = await run(kill({ ids: ['1', '2'] }));
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation)).toEqual(['1 ended', '2 skipped protected']);
    expect(operation.state).toBe('partial');
  });

  it('may be whoever was not seen: nobody can say', async () => {
    const { target, sent } = guarded();
    const operation = await setUp([target]).run(kill({ ids: ['1', '9'] }));
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation)).toEqual(['1 ended', '9 skipped notListed']);
  });

  it('is told by the vendor before the configuration', async () => {
    const { target } = guarded();
    const operation = await setUp([{ ...target, protects: ({ id }) => (id === '2' ? 'replication' : null) }]).run(
      kill({ states: { includes: ['idle'], excludes: [] } }, { dryRun: true }),
    );
    expect(operation.protected?.map(({ id, why }) => [id, why])).toEqual([
      ['2', 'replication'],
      ['3', 'configured'],
    ]);
  });
});

describe('the caps of a target', () => {
  it.each([
    [{ maxProcesses: 3 }, 3, 20, []],
    [{ maxProcesses: 3 }, 4, 20, ['maxProcesses']],
    [{ maxShare: 0.5 }, 5, 10, []],
    [{ maxShare: 0.5 }, 6, 10, ['maxShare']],
    [{ maxShare: 0.5 }, 9, 9, []],
    [{ maxShare: 0.29 }, 29, 100, []],
    [{ maxShare: 0.29 }, 30, 100, ['maxShare']],
    [{ maxShare: 0 }, 0, 10, []],
    [{ maxShare: 0.1, maxProcesses: 1 }, 10, 20, ['maxProcesses', 'maxShare']],
  ])('%j let %d of %d be ended but for %j', (safeguards, chosen, connected, names) => {
    const listing = { processes: many(connected).map((id) => processOf(id)), complete: true, at: new Date(0) };
    const node = { name: 'n1', id: 'n1', component: null };
    const items = many(chosen).map((id) => ({ ...processOf(id), startedAt: null, outcome: null }));
    const survey = {
      looked: [{ node, listing }],
      chosen: [{ node, items, named: false, byFilter: true, leftOut: 0, protected: [], complete: true }],
    };
    const errors = capErrors({ name: 'orders', ...withSafeguards(safeguards) }, survey);
    expect(errors.map((message) => /\((\w+)\)/.exec(message)?.[1])).toEqual(names);
  });

  it('refuse a kill by filter whole, and leave named ids and flushes alone', async () => {
    const { target, sent } = database({ n1: threads(...many(3)) }, { extra: withSafeguards({ maxProcesses: 2 }) });
    const { begin, run, journal } = setUp([target]);
    expect((await failureOf(begin(kill(byUser('sue'))))).kind).toBe('too-many-processes');
    expect([...sent, ...journal.kinds]).toEqual([]);
    await run(kill({ ids: many(3) }));
    await run(flush(['orders'], { mode: 'forced' }));
    expect(sent).toEqual(['n1: 1 2 3', 'n1: 1 2 3']);
  });

  it('and the caller’s own are told together', async () => {
    const { target } = database({ n1: threads(...many(3)) }, { extra: withSafeguards({ maxProcesses: 2 }) });
    const failure = await failureOf(setUp([target]).begin(kill(byUser('sue'), { max: 1 })));
    expect(failure.errors.map(({ parameter }) => parameter)).toEqual(['max', 'target']);
  });
});

describe('the budget of kills', () => {
  const limited = (count: number, name = 'orders', killsPerMinute = 3) =>
    database({ n1: threads(...many(count)) }, { name, extra: withSafeguards({ killsPerMinute }) });

  it('is spent by kills, whoever makes them, and comes back after a minute', async () => {
    const { target, sent } = limited(2);
    const first = setUp([target]);
    const { journal, clock } = first;
    await first.run(kill(byUser('sue')));
    await clock.pass(10_000);
    const second = setUp([target], {}, { journal, clock, owner: 'replica-2', caller: 'another-app' });
    expect(await failureOf(second.begin(kill(byUser('sue'))))).toMatchObject({
      kind: 'kill-budget-exhausted',
      retryAfterMs: 50_000,
    });
    expect(sent).toHaveLength(1);
    await clock.pass(50_000);
    await second.run(kill(byUser('sue')));
    expect(sent).toHaveLength(2);
  });

  it('is taken for all targets or for none', async () => {
    const orders = limited(1);
    const ledger = limited(4, 'ledger');
    const { begin, journal, clock } = setUp([orders.target, ledger.target]);
    const request = kill(byUser('sue'), { targets: ['orders', 'ledger'] });
    expect((await failureOf(begin(request))).message).toContain('"ledger"');
    expect([...orders.sent, ...ledger.sent, ...journal.kinds]).toEqual([]);
    expect(await journal.spent('orders', clock.now())).toBe(0);
  });

  it('is taken once by two kills in the same moment', async () => {
    const { target, sent } = limited(2);
    const { begin } = setUp([target]);
    const both = await Promise.allSettled([begin(kill(byUser('sue'))), begin(kill(byUser('sue')))]);
    await quiet();
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(sent).toHaveLength(1);
  });

  it('is not spent by dry runs, which tell that it is, nor by flushes', async () => {
    const { target } = limited(2);
    const { run, journal, clock } = setUp([target]);
    expect(await run(kill(byUser('sue'), { dryRun: true }))).toMatchObject({ refusal: null });
    await run(flush(['orders'], { mode: 'forced' }));
    expect(await journal.spent('orders', clock.now())).toBe(0);
    await run(kill(byUser('sue')));
    expect(await run(kill(byUser('sue'), { dryRun: true }))).toMatchObject({
      refusal: { code: 'kill-budget-exhausted' },
      plan: null,
    });
  });
});

describe('one flush of a target at a time', () => {
  it('is begun by one of two in the same moment, and names the other', async () => {
    const { begin } = setUp([pool('carts', never)]);
    const both = await Promise.allSettled([begin(flush(['carts'])), begin(flush(['carts']))]);
    const [begun] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [refusal] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusal).toMatchObject({ kind: 'flush-in-progress', blockedBy: begun });
  });

  it('is refused whole where any of its targets is being flushed, and touches none', async () => {
    const calls: string[] = [];
    const free = pool('free', () => {
      calls.push('free');
      return never();
    });
    const { begin, journal, clock } = setUp([pool('carts', never), free]);
    await begin(flush(['carts']));
    expect((await failureOf(begin(flush(['free', 'carts'])))).kind).toBe('flush-in-progress');
    expect(calls).toEqual([]);
    expect(await journal.held('flush', 'free', clock.now())).toBeUndefined();
  });

  it.each([
    ['was answered', () => Promise.resolve(done('flushpool'))],
    ['was refused', () => Promise.reject<Done>(new Failure('upstream-rejected', 'No.', { sent: 'refused' }))],
    ['was not answered', () => Promise.reject<Done>(silent)],
    ['met a defect', () => Promise.reject<Done>(new TypeError('a defect'))],
  ])('can be followed by another once it %s', async (_name, run) => {
    const { begin, run: toItsEnd } = setUp([pool('carts', run)]);
    await toItsEnd(flush(['carts']));
    await quiet();
    await expect(begin(flush(['carts']))).resolves.toMatch(/^op_/);
  });

  it('hinders no kill, no dry run, and is told of by that', async () => {
    const { target } = database({ n1: threads('1') }, { kill: never });
    const { begin, run } = setUp([target]);
    const id = await begin(flush(['orders'], { mode: 'forced' }));
    expect(await run(flush(['orders'], { dryRun: true }))).toMatchObject({
      refusal: { code: 'flush-in-progress', detail: expect.stringContaining(id) },
      plan: null,
    });
    await expect(begin(kill(byUser('sue')))).resolves.toMatch(/^op_/);
  });
});

describe('requireAll', () => {
  it.each([
    [
      'native',
      (name: string, calls: string[]) =>
        pool(name, () => {
          calls.push(name);
          return Promise.resolve(done('flushpool'));
        }),
    ],
    [
      'selective',
      (name: string, calls: string[]) =>
        database(
          { n1: threads('1') },
          {
            name,
            kill: (ids) => {
              calls.push(name);
              return allEnded(ids);
            },
          },
        ).target,
    ],
  ])('touches no target if one cannot be reached: %s', async (_name, make) => {
    const calls: string[] = [];
    const dead: Target = { ...plain('dead'), ...pool('dead', never), look: () => Promise.reject(unreachable) };
    const dying: Target = { ...dead, name: 'dying', look: () => Promise.reject(silent) };
    const { begin, run, journal } = setUp([make('alive', calls), dead, dying]);
    const failure = await failureOf(
      begin(flush(['alive', 'dead', 'dying'], { requireAll: true, mode: 'graceful', writing: inBody })),
    );
    expect(failure).toMatchObject({
      kind: 'upstream-unavailable',
      sent: 'never',
      errors: [{ pointer: '/targets/1' }, { pointer: '/targets/2' }],
    });
    expect([...calls, ...journal.kinds]).toEqual([]);
    expect(await run(flush(['alive'], { requireAll: true }))).toMatchObject({ state: 'succeeded' });
    expect(calls).toEqual(['alive']);
  });

  it('is not asked for by others: they do what they can', async () => {
    const dead: Target = {
      ...pool('dead', () => Promise.reject(unreachable)),
      look: () => Promise.reject(unreachable),
    };
    const operation = await setUp([pool('alive', () => Promise.resolve(done('flushpool'))), dead]).run(
      flush(['alive', 'dead']),
    );
    expect(operation.state).toBe('partial');
  });
});

describe('a store that is gone', () => {
  it.each([
    ['kill', kill(byUser('sue'))],
    ['composed flush', flush(['orders'])],
    ['dry run', kill(byUser('sue'), { dryRun: true })],
  ])('has a %s refused before the vendor hears of it', async (_name, request) => {
    let looks = 0;
    const { target, sent } = database({ n1: threads('1') });
    const watched: Target = {
      ...target,
      look: (node, call) => {
        looks += 1;
        return target.look?.(node, call) ?? Promise.reject(unreachable);
      },
    };
    const { begin, journal, operations } = setUp([watched]);
    journal.isDown = true;
    expect(await failureOf(begin(request))).toBe(storeDown);
    expect([...sent, looks]).toEqual([0]);
    expect(operations.running).toBe(0);
  });
});
