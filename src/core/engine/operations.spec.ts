import { describe, expect, it } from '@jest/globals';
import { admitCall } from '../choose/admitted.js';
import type { Caller } from '../model/caller.js';
import { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import { Refusals } from '../model/refusals.js';
import { inBody, type KillRequest, type Writing } from '../model/request.js';
import {
  byUser,
  failureOf,
  flush,
  kill,
  outcomes,
  patterns,
  setUp,
  threads,
  tune,
  type Setting,
} from './spec-engine.js';
import { quiet, start, storeDown, type SpecJournal } from '../record/spec-journal.js';
import {
  allEnded,
  database,
  done,
  plain,
  pool,
  processOf,
  recordOf,
  refused,
  route,
  silent,
  unreachable,
} from '../model/spec-targets.js';
import type { Call, Done, Node, Target, Tune } from '../model/target.js';

describe('a kill', () => {
  it('writes who asks for what before anything is sent, and each call before it is made', async () => {
    const writtenBefore: string[][] = [];
    const journals: SpecJournal[] = [];
    const { target } = database(
      { n1: threads('1', '2', '3') },
      {
        batch: 2,
        kill: (ids) => {
          writtenBefore.push([...(journals[0]?.kinds ?? [])]);
          return allEnded(ids);
        },
      },
    );
    const { journal, run } = setUp([target]);
    journals.push(journal);
    const operation = await run(kill(byUser('sue')));
    expect(writtenBefore).toEqual([
      ['prepared', 'listed', 'started'],
      ['prepared', 'listed', 'started', 'answered', 'started'],
    ]);
    expect(journal.kinds).toEqual([
      ...['prepared', 'listed', 'started', 'answered', 'started', 'answered', 'ended', 'closed', 'over'],
    ]);
    expect(operation).toMatchObject({
      kind: 'processes.kill',
      mode: null,
      state: 'succeeded',
      requestedBy: 'billing-app',
      onBehalfOf: 'sue',
      reason: 'nightly',
      requestId: 'r1',
      createdAt: '2026-02-01T00:00:00.000Z',
      counts: { ended: 3 },
    });
    expect(operation.id).toMatch(/^op_[0-9a-z]{25}$/);
  });

  it('sends nothing if its first event cannot be written', async () => {
    const { target, sent } = database({ n1: threads('1') });
    const { operations, journal, begin } = setUp([target]);
    journal.broken = () => true;
    expect(await failureOf(begin(kill(byUser('sue'))))).toMatchObject({ kind: 'store-unavailable', sent: 'never' });
    expect(sent).toEqual([]);
    expect(operations.running).toBe(0);
  });

  it('sends nothing that it could not write down first', async () => {
    const { target, sent } = database({ n1: threads('1') });
    const { journal, clock, run } = setUp([target]);
    journal.broken = (event) => event.is === 'started';
    const running = run(kill(byUser('sue')));
    await clock.pass(1000);
    const operation = await running;
    expect(sent).toEqual([]);
    expect(operation).toMatchObject({ state: 'failed', targets: [{ problem: { code: 'store-unavailable' } }] });
    expect(outcomes(operation)).toEqual(['1 failed']);
  });

  it('tells what was answered though it cannot be written, and writes it once it can be', async () => {
    const { target, sent } = database({ n1: threads('1') });
    const { journal, clock, operations, run } = setUp([target]);
    journal.broken = (event) => event.is === 'answered';
    const running = run(kill(byUser('sue')));
    await clock.pass(1000);
    const operation = await running;
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation)).toEqual(['1 ended']);
    expect(journal.kinds).toEqual(['prepared', 'listed', 'started']);
    expect(await operations.read(operation.id)).toMatchObject({ state: 'succeeded' });
    journal.broken = () => false;
    await clock.pass(5000);
    expect(journal.kinds).toEqual(['prepared', 'listed', 'started', 'answered', 'ended', 'closed', 'over']);
    expect(sent).toEqual(['n1: 1']);
  });

  it('tells what keeps a record from being completed, and lets its caller go', async () => {
    const { target } = database({ n1: threads('1') });
    const { operations, journal, clock, thrownErrors, begin } = setUp([target]);
    journal.broken = (event) => event.is === 'closed';
    const id = await begin(kill(byUser('sue')));
    await operations.wait(id, 1000);
    expect(clock.now()).toBe(start);
    expect(thrownErrors).toEqual([[id, storeDown]]);
    expect(operations.running).toBe(0);
  });

  it('gives the vendor as many ids a call as it takes', async () => {
    const { target, sent } = database({ n1: threads('1', '2', '3', '4', '5') }, { batch: 2 });
    await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1 2', 'n1: 3 4', 'n1: 5']);
  });

  it('sends named ids in the order they were named, each once', async () => {
    const { target, sent } = database({ n1: threads('3', '5', '9') });
    await setUp([target]).run(kill({ ids: ['9', '3', '5', '9'] }));
    expect(sent).toEqual(['n1: 9 3 5']);
  });

  it('ends what matches and nothing else, on each node apart', async () => {
    const { target, sent } = database({
      n1: [processOf('1'), processOf('2', { user: 'bob' })],
      n2: [processOf('1', { user: 'bob' }), processOf('7')],
    });
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1', 'n2: 7']);
    expect(operation.targets[0]?.items).toHaveLength(2);
  });

  it('keeps to the named node', async () => {
    const { target, sent } = database({ n1: threads('1'), n2: threads('1') });
    await setUp([target]).run(kill({ ids: ['1'], nodes: ['n2'] }));
    expect(sent).toEqual(['n2: 1']);
  });

  it('goes on after a batch that was refused', async () => {
    const { target, sent } = database(
      { n1: threads('1', '2', '3') },
      { batch: 1, kill: (ids) => (ids[0] === '2' ? Promise.reject(refused) : allEnded(ids)) },
    );
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1', 'n1: 2', 'n1: 3']);
    expect(outcomes(operation)).toEqual(['1 ended', '2 failed', '3 ended']);
    expect(operation.state).toBe('partial');
  });

  it.each([
    ['credentials', 'upstream-rejected', 401],
    ['permission', 'upstream-rejected', 403],
    ['rate', 'upstream-throttled', 429],
  ] as const)('stops after a batch that was refused for its %s', async (_name, kind, httpStatus) => {
    const upstream = { target: null, backend: null, httpStatus, code: null, message: null, requestId: null };
    const failure = new Failure(kind, 'No.', { sent: 'refused', upstream });
    const { target, sent } = database(
      { n1: threads('1', '2', '3') },
      { batch: 1, kill: (ids) => (ids[0] === '2' ? Promise.reject(failure) : allEnded(ids)) },
    );
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1', 'n1: 2']);
    expect(outcomes(operation)).toEqual(['1 ended', '2 failed', '3 failed notSent']);
    expect(operation).toMatchObject({ state: 'partial', targets: [{ problem: { code: kind } }] });
  });

  it('goes on after a batch that was refused for what it asks', async () => {
    const upstream = { target: null, backend: null, httpStatus: 400, code: null, message: null, requestId: null };
    const failure = new Failure('upstream-rejected', 'No.', { sent: 'refused', upstream });
    const { target, sent } = database({ n1: threads('1', '2') }, { batch: 1, kill: () => Promise.reject(failure) });
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1', 'n1: 2']);
    expect(outcomes(operation)).toEqual(['1 failed', '2 failed']);
  });

  it('stops after a batch that was not answered, and says what was not sent', async () => {
    const { target, sent } = database(
      { n1: threads('1', '2', '3') },
      { batch: 1, kill: (ids) => (ids[0] === '2' ? Promise.reject(silent) : allEnded(ids)) },
    );
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1', 'n1: 2']);
    expect(outcomes(operation)).toEqual(['1 ended', '2 unknown', '3 failed notSent']);
    expect(operation.targets[0]?.problem).toMatchObject({ code: 'outcome-unknown', retryable: false });
  });

  it('stops after a batch that could not be sent', async () => {
    const { target, sent } = database({ n1: threads('1', '2') }, { batch: 1, kill: () => Promise.reject(unreachable) });
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation)).toEqual(['1 failed', '2 failed notSent']);
    expect(operation.targets[0]?.problem).toMatchObject({ code: 'upstream-unavailable', retryable: true });
  });

  it('takes an error that nobody expected for one after sending', async () => {
    const { target } = database({ n1: threads('1') }, { kill: () => Promise.reject(new TypeError('pswd=hunter2')) });
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(outcomes(operation)).toEqual(['1 unknown']);
    expect(JSON.stringify(operation)).not.toContain('hunter2');
  });

  it('refuses an id that lives on several nodes, before it sends any', async () => {
    const { target, sent } = database({ n1: threads('1', '2'), n2: threads('2') });
    const { journal, begin } = setUp([target]);
    const failure = await failureOf(begin(kill({ ids: ['1', '2'] })));
    expect(failure.kind).toBe('ambiguous-process');
    expect(failure.message).toMatch(/"n1" and "n2"/);
    expect(sent).toEqual([]);
    expect(journal.events).toEqual([]);
  });

  it('skips an id that none of several nodes was seen to have', async () => {
    const { target, sent } = database({ n1: threads('1'), n2: [] });
    const operation = await setUp([target]).run(kill({ ids: ['1', '8'] }));
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation).toSorted()).toEqual(['1 ended', '8 skipped notListed']);
    expect(operation.state).toBe('partial');
  });

  it('sends an id that a single node was not seen to have: that it is not there is the vendor’s word', async () => {
    const { target, sent } = database(
      { n1: threads('1') },
      { kill: (ids) => ids.map((id) => ({ id, outcome: id === '8' ? 'notFound' : 'ended' })) },
    );
    const operation = await setUp([target]).run(kill({ ids: ['8', '1'] }));
    expect(sent).toEqual(['n1: 8 1']);
    expect(outcomes(operation)).toEqual(['8 notFound', '1 ended']);
    expect(operation.state).toBe('succeeded');
  });

  it('skips a named id that no longer fits the other filters', async () => {
    const { target, sent } = database({ n1: [processOf('1'), processOf('2', { state: 'active' })] });
    const operation = await setUp([target]).run(
      kill({ ids: ['1', '2'], states: { includes: ['idle'], excludes: [] } }),
    );
    expect(sent).toEqual(['n1: 1']);
    expect(outcomes(operation)).toEqual(['1 ended', '2 skipped noMatch']);
    expect(operation.state).toBe('partial');
  });

  it('is done where nothing matches', async () => {
    const { target, sent } = database({ n1: threads('1') });
    const operation = await setUp([target]).run(kill(byUser('bob')));
    expect(sent).toEqual([]);
    expect(operation).toMatchObject({ state: 'succeeded', targets: [{ effect: 'none', completed: true }] });
  });

  it('does what it can where one node of two is dead', async () => {
    const { target, sent } = database({ n1: unreachable, n2: threads('1') });
    const operation = await setUp([target]).run(kill(byUser('sue')));
    expect(sent).toEqual(['n2: 1']);
    expect(operation).toMatchObject({ state: 'partial', targets: [{ problem: { code: 'upstream-unavailable' } }] });
  });

  it('sends no named id anywhere if its node cannot be seen', async () => {
    const { target, sent } = database({ n1: unreachable });
    const operation = await setUp([target]).run(kill({ ids: ['1'] }));
    expect(sent).toEqual([]);
    expect(operation.state).toBe('failed');
  });

  it('lets one target fail without the other', async () => {
    const orders = database({ n1: threads('1') });
    const ledger = database({ n1: unreachable }, { name: 'ledger' });
    const operation = await setUp([orders.target, ledger.target]).run(
      kill(byUser('sue'), { targets: ['orders', 'ledger'] }),
    );
    expect(orders.sent).toEqual(['n1: 1']);
    expect(operation.targets.map(({ state }) => state)).toEqual(['succeeded', 'failed']);
    expect(operation.state).toBe('partial');
  });

  it('refuses all if more match than max, counted over all targets', async () => {
    const orders = database({ n1: threads('1', '2') });
    const ledger = database({ n1: threads('3') }, { name: 'ledger' });
    const { journal, begin } = setUp([orders.target, ledger.target]);
    const request = kill(byUser('sue'), { targets: ['orders', 'ledger'], max: 2 });
    expect((await failureOf(begin(request))).kind).toBe('too-many-processes');
    expect([...orders.sent, ...ledger.sent]).toEqual([]);
    expect(journal.events).toEqual([]);
  });

  it('takes as many as max', async () => {
    const { target, sent } = database({ n1: threads('1', '2') });
    await setUp([target]).run(kill(byUser('sue'), { max: 2 }));
    expect(sent).toEqual(['n1: 1 2']);
  });

  it('sends nothing in a dry run, and says what would end', async () => {
    const { target, sent } = database({
      n1: [processOf('1'), processOf('2', { user: 'bob' })],
    });
    const operation = await setUp([target]).run(kill({ ids: ['1', '2', '3'], ...byUser('sue') }, { dryRun: true }));
    expect(sent).toEqual([]);
    expect(outcomes(operation)).toEqual(['1 wouldEnd', '2 skipped noMatch', '3 skipped notListed']);
    expect(operation).toMatchObject({ state: 'planned', dryRun: true, targets: [{ effect: 'none' }] });
    expect(operation.counts).toMatchObject({ wouldEnd: 1, ended: 0, skipped: 2 });
  });

  it('looks within the time of a look, and kills within that of the operation, both before whoever only looks', async () => {
    const calls: Pick<Call, 'deadline' | 'isUrgent'>[] = [];
    const { target } = database({ n1: threads('1') });
    const watched: Target = {
      ...target,
      look: (node, call) => {
        calls.push(call);
        return Promise.resolve({
          processes: threads('1'),
          complete: true,
          at: new Date(node.name === null ? 0 : start),
        });
      },
      kill: {
        call: 'kill-threads',
        route,
        batch: 20,
        tellsNotFound: true,
        run: (node, refs, call) => {
          calls.push(call);
          const ended = allEnded(refs.map(({ id }) => id));
          return Promise.resolve({ call: recordOf('kill-threads', node.name), ended });
        },
      },
    };
    await setUp([watched]).run(kill(byUser('sue')));
    expect(calls).toMatchObject([
      { deadline: start + 15_000, isUrgent: true },
      { deadline: start + 600_000, isUrgent: true },
    ]);
  });
});

describe('a kill that is refused', () => {
  const { target } = database({ n1: threads('1') });
  const kinds = async (request: KillRequest): Promise<string> => (await failureOf(setUp([target]).begin(request))).kind;

  it.each([
    ['nothing', {}],
    ['a node', { nodes: ['n1'] }],
    ['a star', byUser('*')],
    ['an exclusion', byUser('!bob')],
    ['a minimum of 0', { minimums: { idleSeconds: 0 } }],
    ['every state', { states: { includes: ['active', 'idle'] as const, excludes: [] } }],
  ])('needs more than %s', async (_name, selection) => {
    expect(await kinds(kill(selection))).toBe('selection-required');
  });

  it('needs a restriction on every target, and sends nothing to those that have one', async () => {
    const orders = database({ n1: threads('1') });
    const ledger = database(
      { n1: threads('2') },
      { name: 'ledger', extra: { states: new Set(['active', 'idle', 'idleInTransaction']) } },
    );
    const { begin } = setUp([orders.target, ledger.target]);
    const request = kill({ states: { includes: ['active', 'idle'], excludes: [] } }, { targets: ['orders', 'ledger'] });
    expect((await failureOf(begin(request))).kind).toBe('selection-required');
    expect([...orders.sent, ...ledger.sent]).toEqual([]);
  });

  it('takes ids of one target only', async () => {
    const ledger = database({ n1: [] }, { name: 'ledger' });
    const { begin } = setUp([target, ledger.target]);
    const failure = await failureOf(begin(kill({ ids: ['1'] }, { targets: ['orders', 'ledger'] })));
    expect(failure).toMatchObject({ kind: 'invalid-request', errors: [{ parameter: 'target' }] });
  });

  it('takes no id that the backend cannot have, and names its place', async () => {
    const writing: Writing = { in: 'body', lists: { id: { name: 'ids', positions: [0, 7] } } };
    const failure = await failureOf(setUp([target]).begin(kill({ ids: ['1', 'x'] }, { writing })));
    expect(failure).toMatchObject({ kind: 'invalid-request', errors: [{ pointer: '/ids/7' }] });
  });

  it('takes no filter and no state that the target cannot judge', async () => {
    const failure = await failureOf(
      setUp([target]).begin(
        kill({
          text: { ...byUser('sue').text, application: patterns('a') },
          minimums: { ageSeconds: 1 },
          states: { includes: ['offline'], excludes: [] },
        }),
      ),
    );
    expect(failure.kind).toBe('unsupported-filter');
    expect(failure.errors.map(({ parameter }) => parameter)).toEqual(['application', 'minAgeSeconds', 'state']);
  });

  it('is refused once for all errors, before the first byte to a vendor', async () => {
    let looks = 0;
    const watched: Target = {
      ...target,
      look: () => {
        looks += 1;
        return Promise.resolve({ processes: [], complete: true, at: new Date(start) });
      },
    };
    const viewed = database({ n1: [] }, { name: 'ledger' });
    const carts = pool('bi-pool', () => Promise.resolve(done('flushpool')));
    const { begin } = setUp([watched, viewed.target, carts], { ledger: 'viewer' });
    const refusals = new Refusals([{ parameter: 'limti', message: 'There is no such parameter.' }]);
    const failure = await failureOf(
      begin(
        kill({ ...byUser('sue'), nodes: ['n9'] }, { targets: ['nowhere', 'ledger', 'bi-pool', 'orders'] }),
        refusals,
      ),
    );
    expect(failure.kind).toBe('invalid-request');
    expect(failure.errors.map(({ message }) => message)).toEqual([
      'There is no such parameter.',
      'No target is called "nowhere", or it is not granted to you.',
      'billing-app is viewer of "ledger", and to kill takes operator.',
      'The target "bi-pool" (1010data) cannot be asked to kill.',
    ]);
    expect(looks).toBe(0);
  });

  it('is not told of a node that may be on a target that is refused', async () => {
    const viewed = database({ n1: [] }, { name: 'ledger' });
    const { begin } = setUp([target, viewed.target], { ledger: 'viewer' });
    const failure = await failureOf(
      begin(kill({ ...byUser('sue'), nodes: ['n9'] }, { targets: ['ledger', 'orders'] })),
    );
    expect(failure.kind).toBe('forbidden');
    expect(failure.errors).toHaveLength(1);
  });

  it('is told of a thousand errors at most', async () => {
    const { begin } = setUp([target]);
    const errors = Array.from({ length: 1500 }, (_, index) => ({ parameter: `p${String(index)}`, message: 'No.' }));
    const failure = await failureOf(begin(kill(byUser('sue')), new Refusals(errors)));
    expect(failure.errors).toHaveLength(1000);
    expect(failure.message).toContain('1499 more');
  });

  it.each([
    ['unknown-target', ['nowhere', 'ledger', 'bi-pool']],
    ['forbidden', ['ledger', 'bi-pool']],
    ['unsupported-operation', ['bi-pool']],
  ])('is told as %s if that is the worst of it', async (kind, targets) => {
    const ledger = database({ n1: [] }, { name: 'ledger' });
    const carts = pool('bi-pool', () => Promise.resolve(done('flushpool')));
    const { begin } = setUp([ledger.target, carts], { ledger: 'viewer' });
    expect((await failureOf(begin(kill(byUser('sue'), { targets })))).kind).toBe(kind);
  });

  it('tells no more of a target without a grant than of one that does not exist', async () => {
    const { operations } = setUp([target]);
    const stranger: Caller = { name: 'stranger', grants: [] };
    const snapshot = { all: [target], named: () => target };
    const asking = { requestId: 'r1', key: null, answerBy: start };
    const admission = { targets: snapshot, caller: stranger, refusals: new Refusals(), freezes: [], now: start };
    const open = async () => operations.open(admitCall(admission, kill({ ids: ['1'] })), asking);
    const failure = await failureOf(open());
    expect(failure).toMatchObject({ kind: 'unknown-target' });
    expect(failure.message).toContain('No target is called "orders"');
  });

  it('names no more than 100 targets', async () => {
    const targets = Array.from({ length: 101 }, (_, at) => `t${String(at)}`);
    const failure = await failureOf(setUp([target]).begin(kill(byUser('sue'), { targets })));
    expect(failure).toMatchObject({ kind: 'invalid-request', errors: [{ parameter: 'target' }] });
  });

  it('refuses a node that was found not to exist', async () => {
    const found = database({ n1: threads('1') }, { extra: { configuredNodes: null } });
    const { begin, journal } = setUp([found.target]);
    expect((await failureOf(begin(kill({ ids: ['1'], nodes: ['n9'] })))).kind).toBe('invalid-request');
    expect(found.sent).toEqual([]);
    expect(journal.events).toEqual([]);
  });
});

describe('a flush', () => {
  it('does not let a slow target hold up the others', async () => {
    const slow = Promise.withResolvers<Done>();
    const { operations, journal, begin } = setUp([
      pool('slow', () => slow.promise),
      pool('quick', () => Promise.resolve(done('flushpool'))),
    ]);
    const over = new Promise<Operation>((resolve) => {
      operations.listeners.onEnd(resolve);
    });
    const id = await begin(flush(['slow', 'quick']));
    await journal.seen((event) => event.is === 'ended' && event.target === 'quick');
    expect(operations.running).toBe(1);
    expect(await operations.read(id)).toMatchObject({
      state: 'running',
      endedAt: null,
      targets: [{ state: 'running', durationMs: null }, { state: 'succeeded' }],
    });
    slow.resolve(done('flushpool'));
    expect(await over).toMatchObject({ state: 'succeeded' });
    expect(operations.running).toBe(0);
  });

  it('makes the vendor’s own call once, and says what it does not promise', async () => {
    const nodes: (Node | null)[] = [];
    const target = pool('bi-pool', (node) => {
      nodes.push(node);
      return Promise.resolve({ is: 'marked', call: recordOf('flushpool', null), ids: ['m1', 'm2', 'm3'] });
    });
    const operation = await setUp([target]).run(flush(['bi-pool']));
    expect(nodes).toEqual([null]);
    expect(operation).toMatchObject({
      kind: 'sessions.flush',
      mode: 'graceful',
      state: 'succeeded',
      counts: { ended: null, deferred: 3 },
      targets: [{ effect: 'deferred', note: 'Busy ids log out later.', completed: false }],
    });
  });

  it('makes a call per node where the vendor wants it so', async () => {
    const run = (node: Node | null): Promise<Done> => Promise.resolve(done('kill-free', node));
    const extra = { flush: { graceful: { call: 'kill-free', route, per: 'node', run } as const } };
    const { target } = database({ n1: [], n2: [] }, { extra });
    const operation = await setUp([target]).run(flush(['orders']));
    expect(operation.targets[0]?.calls.map(({ node }) => node)).toEqual(['n1', 'n2']);
    const one = await setUp([target]).run(flush(['orders'], { node: 'n2' }));
    expect(one.targets[0]?.calls.map(({ node }) => node)).toEqual(['n2']);
  });

  it('narrows a call for the whole target to the named node', async () => {
    const nodes: (string | null | undefined)[] = [];
    const run = (node: Node | null): Promise<Done> => {
      nodes.push(node?.name);
      return Promise.resolve(done('kill-all', node));
    };
    const extra = { flush: { forced: { call: 'kill-all', route, per: 'target', run } as const } };
    const { target } = database({ n1: [], n2: [] }, { extra });
    await setUp([target]).run(flush(['orders'], { mode: 'forced', node: 'n1' }));
    await setUp([target]).run(flush(['orders'], { mode: 'forced' }));
    expect(nodes).toEqual(['n1', undefined]);
  });

  const mixed = {
    n1: [
      processOf('1', { idleSeconds: 59 }),
      processOf('2', { idleSeconds: 60 }),
      processOf('3', { state: 'active', idleSeconds: 500 }),
      processOf('4', { idleSeconds: null }),
    ],
  };

  it.each([
    ['those idle for a minute', {}, 'n1: 2', 3],
    ['those idle for as long as was asked', { minIdleSeconds: 10 }, 'n1: 1 2', 2],
    ['all that are idle and whose clock is known', { minIdleSeconds: 0 }, 'n1: 1 2', 2],
    ['everything when forced', { mode: 'forced' as const }, 'n1: 1 2 3 4', 0],
  ])('ends %s where it has to choose by itself', async (_name, facts, sent, skipped) => {
    const orders = database(mixed);
    const operation = await setUp([orders.target]).run(flush(['orders'], facts));
    expect(orders.sent).toEqual([sent]);
    expect(operation).toMatchObject({ state: 'succeeded', counts: { skipped } });
    const note = 'mode' in facts ? null : 'A sleeping thread may hold a transaction.';
    expect(operation.targets[0]?.note).toBe(note);
  });

  it.each([
    ['ends somebody', mixed, false, 'A sleeping thread may hold a transaction.'],
    ['would end somebody', mixed, true, 'A sleeping thread may hold a transaction.'],
    ['finds nobody to end', { n1: [processOf('1', { idleSeconds: 59 })] }, false, null],
    ['would find nobody to end', { n1: [] }, true, null],
    ['cannot look', { n1: unreachable }, false, null],
  ])('says what it cannot promise of those whom it ends, where it %s', async (_name, content, dryRun, note) => {
    const operation = await setUp([database(content).target]).run(flush(['orders'], { dryRun }));
    expect(operation.targets[0]?.note).toBe(note);
  });

  it('sends nothing in a dry run, whether it chooses or the vendor does', async () => {
    const calls: string[] = [];
    const target = pool('bi-pool', () => {
      calls.push('flushpool');
      return Promise.resolve(done('flushpool'));
    });
    const orders = database(mixed);
    const operation = await setUp([target, orders.target]).run(flush(['bi-pool', 'orders'], { dryRun: true }));
    expect([...calls, ...orders.sent]).toEqual([]);
    expect(operation.state).toBe('planned');
    expect(outcomes(operation, 1)).toEqual(['2 wouldEnd']);
    expect(operation.targets[0]?.note).toMatch(/not known beforehand/);
  });

  it.each([
    ['a refusal', refused, 'failed', 'upstream-rejected', false],
    ['what never left', unreachable, 'failed', 'upstream-unavailable', true],
    ['silence', silent, 'unknown', 'outcome-unknown', false],
  ])('tells %s', async (_name, failure, state, code, retryable) => {
    const operation = await setUp([pool('bi-pool', () => Promise.reject(failure))]).run(flush(['bi-pool']));
    expect(operation).toMatchObject({ state, targets: [{ problem: { code, retryable } }] });
  });

  it('tells a target whose nodes cannot be found as failed', async () => {
    const run = (node: Node | null): Promise<Done> => Promise.resolve(done('kill-free', node));
    const extra: Partial<Target> = {
      configuredNodes: null,
      nodes: () => Promise.reject(unreachable),
      flush: { graceful: { call: 'kill-free', route, per: 'node', run } },
    };
    const operation = await setUp([database({}, { extra }).target]).run(flush(['orders']));
    expect(operation).toMatchObject({ state: 'failed', targets: [{ problem: { code: 'upstream-unavailable' } }] });
  });

  it.each([
    [
      'a node with several targets',
      flush(['bi-pool', 'orders'], { node: 'n1' }),
      'invalid-request',
      ['/node', '/node'],
    ],
    ['a node that is not there', flush(['orders'], { node: 'n9' }), 'invalid-request', ['/node']],
    ['a node of a target without nodes', flush(['bi-pool'], { node: 'n1' }), 'unsupported-filter', ['/node']],
    [
      'an idle time without a clock',
      flush(['bi-pool'], { minIdleSeconds: 5 }),
      'unsupported-filter',
      ['/minIdleSeconds'],
    ],
    [
      'an idle time when forced',
      flush(['orders'], { mode: 'forced', minIdleSeconds: 5 }),
      'invalid-request',
      ['/minIdleSeconds'],
    ],
    ['what a target cannot do', flush(['bi-pool'], { mode: 'forced' }), 'unsupported-operation', ['/targets/0']],
    ['an unknown target', flush(['orders', 'nowhere']), 'unknown-target', ['/targets/1']],
  ])('refuses %s', async (_name, request, kind, pointers) => {
    const calls: string[] = [];
    const carts = pool('bi-pool', () => {
      calls.push('flushpool');
      return Promise.resolve(done('flushpool'));
    });
    const orders = database({ n1: threads('1') });
    const failure = await failureOf(setUp([carts, orders.target]).begin({ ...request, writing: inBody }));
    expect(failure.kind).toBe(kind);
    expect(failure.errors.map(({ pointer }) => pointer)).toEqual(pointers);
    expect([...calls, ...orders.sent]).toEqual([]);
  });
});

describe('a job', () => {
  const accepted: Done = { is: 'job', call: recordOf('kill-all', null, 'j1'), job: 'j1' };

  function jobTarget(polls: (() => Done)[], extra: Partial<Target> = {}): Target {
    return pool('carts', () => Promise.resolve(accepted), {
      follow: () => {
        const poll = polls.shift();
        try {
          return Promise.resolve(poll ? poll() : accepted);
        } catch (thrown) {
          return Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      },
      ...extra,
    });
  }

  async function runJob(target: Target): Promise<readonly [Operation, SpecJournal]> {
    const { journal, clock, run } = setUp([target]);
    clock.auto = true;
    return [await run(flush(['carts'])), journal];
  }

  it('is followed to its end', async () => {
    const polls = [
      () => accepted,
      () => {
        throw unreachable;
      },
      () => {
        throw silent;
      },
      () => {
        throw new Failure('upstream-throttled', 'Too many polls.', { sent: 'refused', retryAfterMs: 60_000 });
      },
      () => ({ ...done('kill-all'), call: recordOf('kill-all', null, 'j1') }),
    ];
    const [operation, journal] = await runJob(jobTarget(polls));
    expect(polls).toEqual([]);
    expect(journal.kinds).toEqual(['prepared', 'started', 'accepted', 'answered', 'ended', 'closed', 'over']);
    expect(operation).toMatchObject({ state: 'succeeded', targets: [{ calls: [{ jobId: 'j1' }] }] });
  });

  it('fails if the vendor says so', async () => {
    const [operation] = await runJob(jobTarget([() => accepted, () => ({ is: 'failed', failure: refused })]));
    expect(operation).toMatchObject({
      state: 'failed',
      targets: [{ problem: { code: 'upstream-rejected' }, calls: [{ call: 'flushpool', jobId: 'j1' }] }],
    });
  });

  it('is unknown, not failed, if the vendor will not tell of it', async () => {
    const refuse = (): Done => {
      throw refused;
    };
    const [operation] = await runJob(jobTarget([() => accepted, refuse]));
    expect(operation).toMatchObject({ state: 'unknown', targets: [{ problem: { code: 'outcome-unknown' } }] });
  });

  it('is unknown if it does not end in ten minutes, and is polled with patience', async () => {
    let polls = 0;
    const target = jobTarget([], {
      follow: () => {
        polls += 1;
        return Promise.resolve(accepted);
      },
    });
    const [operation] = await runJob(target);
    expect(operation).toMatchObject({ state: 'unknown', targets: [{ problem: { code: 'outcome-unknown' } }] });
    const took = Date.parse(operation.endedAt ?? '') - start;
    expect(took).toBeLessThanOrEqual(600_000);
    expect(took).toBeGreaterThan(590_000);
    expect(polls).toBeLessThan(140);
  });

  it('runs while it is followed', async () => {
    const { operations, journal, clock, begin } = setUp([jobTarget([() => done('kill-all')])]);
    const id = await begin(flush(['carts']));
    await journal.seen((event) => event.is === 'accepted');
    expect(await operations.read(id)).toMatchObject({ state: 'running' });
    while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(200);
    await journal.seen((event) => event.is === 'closed');
    expect(await operations.read(id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a tune', () => {
  function uid(run: Tune['run']): Target {
    return { ...plain('bi-user'), tune: { call: 'session', route, note: 'They end with the session.', run } };
  }

  it('sets what was asked, once', async () => {
    const settings: unknown[] = [];
    const target = uid((asked) => {
      settings.push(asked);
      return Promise.resolve({ is: 'set', call: recordOf('session', null) });
    });
    const operation = await setUp([target]).run(tune);
    expect(settings).toEqual([{ infinityToNa: true }]);
    expect(operation).toMatchObject({
      kind: 'sessions.tune',
      mode: null,
      state: 'succeeded',
      targets: [{ effect: 'set', note: 'They end with the session.', completed: true }],
    });
  });

  it('cannot be flushed, and what can be flushed cannot be tuned', async () => {
    const target = uid(() => Promise.resolve(done('session')));
    expect((await failureOf(setUp([target]).begin(flush(['bi-user'])))).kind).toBe('unsupported-operation');
    const carts = pool('bi-user', () => Promise.resolve(done('flushpool')));
    expect((await failureOf(setUp([carts]).begin(tune))).kind).toBe('unsupported-operation');
  });

  it('sends nothing in a dry run', async () => {
    const settings: unknown[] = [];
    const target = uid((asked) => {
      settings.push(asked);
      return Promise.resolve(done('session'));
    });
    expect(await setUp([target]).run({ ...tune, dryRun: true })).toMatchObject({ state: 'planned' });
    expect(settings).toEqual([]);
  });
});

describe('waiting for an operation', () => {
  async function slowOne(): Promise<Setting & { readonly id: string; readonly finish: () => void }> {
    const slow = Promise.withResolvers<Done>();
    const setting = setUp([pool('slow', () => slow.promise)]);
    const id = await setting.begin(flush(['slow']));
    return {
      ...setting,
      id,
      finish: () => {
        slow.resolve(done('flushpool'));
      },
    };
  }

  it('ends with the operation, and leaves no sleeper behind', async () => {
    const { operations, clock, id, finish } = await slowOne();
    const waiting = operations.wait(id, 10_000);
    await quiet();
    expect(clock.sleepers).toBe(1);
    finish();
    await waiting;
    expect(clock.sleepers).toBe(0);
    expect(await operations.read(id)).toMatchObject({ state: 'succeeded' });
  });

  it('ends when the time is over, and the operation goes on', async () => {
    const { operations, clock, id, finish, journal } = await slowOne();
    const waiting = operations.wait(id, 10_000);
    await quiet();
    clock.advance(9_999);
    expect(clock.sleepers).toBe(1);
    clock.advance(1);
    await waiting;
    expect(operations.running).toBe(1);
    expect(await operations.read(id)).toMatchObject({ state: 'running' });
    finish();
    await journal.seen((event) => event.is === 'closed');
  });

  it('ends when its caller hangs up, and the operation goes on to its end', async () => {
    const { operations, clock, id, finish, journal } = await slowOne();
    const caller = new AbortController();
    const waiting = operations.wait(id, 10_000, caller.signal);
    await quiet();
    caller.abort();
    await waiting;
    expect(clock.sleepers).toBe(0);
    finish();
    await journal.seen((event) => event.is === 'closed');
    expect(await operations.read(id)).toMatchObject({ state: 'succeeded' });
  });

  it('does not begin for a caller who is gone, for no time at all, or for what does not run', async () => {
    const { operations, clock, id, finish, journal } = await slowOne();
    await operations.wait(id, 10_000, AbortSignal.abort());
    await operations.wait(id, 0);
    await operations.wait('op_other', 10_000);
    expect(clock.sleepers).toBe(0);
    finish();
    await journal.seen((event) => event.is === 'closed');
    await operations.wait(id, 10_000);
  });
});
