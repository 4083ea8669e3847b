import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../model/caller.js';
import { findPlan } from './plan.js';
import type { Process } from '../model/process.js';
import type { MutatingRequest } from '../model/request.js';
import {
  byUser,
  failureOf,
  flush,
  intent,
  kill,
  outcomes,
  type Setting,
  setUp,
  threads,
} from '../engine/spec-engine.js';
import { quiet, start } from '../record/spec-journal.js';
import { database, done, plain, pool, processOf, withSafeguards, route, silent } from '../model/spec-targets.js';
import { everything } from '../model/selection.js';

const callerOf = (name: string): Caller => ({ name, grants: [] });

/** Makes a dry run, and gives the plan that it left. */
async function planOf({ run }: Setting, request: MutatingRequest): Promise<string> {
  const { plan } = await run({ ...request, dryRun: true });
  if (!plan) throw new Error('It left no plan.');
  return plan.id;
}

/** The call that a plan stands for. */
async function bind({ journal, clock }: Setting, id: string, request: MutatingRequest): Promise<MutatingRequest> {
  return { ...request, ...(await findPlan(journal, id, callerOf('billing-app'), request.kind, clock.now())) };
}

/** A database whose threads the test changes between the plan and its use. */
function changing(threadsNow: readonly Process[], extra = {}) {
  const content = { n1: [...threadsNow] };
  const { target, sent } = database(content, { extra: { ...extra } });
  const setting = setUp([
    {
      ...target,
      look: (node) =>
        Promise.resolve({
          processes: content.n1.map((process) => ({ ...process, node: node.name })),
          complete: true,
          at: new Date(setting.clock.now()),
        }),
    },
  ]);
  const become = (later: readonly Process[]): void => {
    content.n1.splice(0, content.n1.length, ...later);
  };
  return { ...setting, sent, become };
}

const whole = kill({}, { selection: everything });

describe('the caps at the moment when a plan is used', () => {
  const many = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at + 1));

  it.each<[string, MutatingRequest, string | null]>([
    ['are judged of what a filter chose', kill(byUser('sue')), 'too-many-processes'],
    ['are not judged of named ids', kill({ ids: many(8) }), null],
    ['are not judged of a flush', flush(['orders'], { mode: 'forced' }), null],
  ])('%s', async (_name, request, refusal) => {
    const content = { n1: threads(...many(8)) };
    const generous = database(content);
    const first = setUp([generous.target]);
    const id = await planOf(first, request);
    const strict = database(content, { extra: withSafeguards({ maxProcesses: 5 }) });
    const second = setUp([strict.target], {}, { journal: first.journal, clock: first.clock });
    const bound = await bind(second, id, { ...request, targets: ['orders'] });
    if (refusal === null) await second.run(bound);
    else expect(await failureOf(second.begin(bound))).toMatchObject({ kind: refusal });
    expect(strict.sent).toHaveLength(refusal === null ? 1 : 0);
  });

  it('share what is connected now, on all nodes that the dry run looked at', async () => {
    const others = threads(...many(20)).map((one) => ({ ...one, id: `9${one.id}`, user: 'bob' }));
    const content: Record<string, readonly Process[]> = { n1: threads(...many(8)), n2: others };
    const { target, sent } = database(content, { extra: withSafeguards({ maxShare: 0.5 }) });
    const setting = setUp([target]);
    const id = await planOf(setting, kill(byUser('sue')));
    await setting.run(await bind(setting, id, kill({})));
    expect(sent).toEqual([`n1: ${many(8).join(' ')}`]);
    const again = await planOf(setting, kill(byUser('sue')));
    content.n2 = others.slice(0, 4);
    const failure = await failureOf(setting.begin(await bind(setting, again, kill({}))));
    expect(failure.kind).toBe('too-many-processes');
    expect(failure.message).toContain('8 of 12');
  });
});

describe('a plan', () => {
  it('needs every target where its dry run did', async () => {
    const [orders, ledger] = [
      database({ n1: threads('1') }, { name: 'orders' }),
      database({ n1: threads('2') }, { name: 'ledger' }),
    ];
    let isDead = false;
    const setting = setUp([
      orders.target,
      {
        ...ledger.target,
        look: (node, call) => (isDead ? Promise.reject(silent) : ledger.target.look!(node, call)),
      },
    ]);
    const request = flush(['orders', 'ledger'], { mode: 'forced' });
    const [any, every] = [await planOf(setting, request), await planOf(setting, { ...request, requireAll: true })];
    isDead = true;
    const failure = await failureOf(setting.begin(await bind(setting, every, flush([]))));
    expect(failure).toMatchObject({ kind: 'upstream-timeout', message: expect.stringContaining('requireAll') });
    expect([...orders.sent, ...ledger.sent]).toEqual([]);
    await setting.run(await bind(setting, any, flush([])));
    expect([...orders.sent, ...ledger.sent]).toEqual(['n1: 1']);
  });

  it('can be used for 120 s, by its caller, for the same kind of call', async () => {
    const setting = changing(threads('1'));
    const id = await planOf(setting, kill(byUser('sue')));
    await quiet();
    expect(id).toMatch(/^plan_[0-9a-z]{25}$/);
    const find = (name: string, kind: MutatingRequest['kind'], at: number) =>
      findPlan(setting.journal, id, callerOf(name), kind, start + at);
    expect(await find('billing-app', 'processes.kill', 119_999)).toMatchObject({
      plan: { id, expiresAt: start + 120_000 },
      targets: ['orders'],
    });
    for (const gone of [
      find('billing-app', 'processes.kill', 120_000),
      find('another-app', 'processes.kill', 0),
      find('billing-app', 'sessions.flush', 0),
      findPlan(setting.journal, 'plan_nothing', callerOf('billing-app'), 'processes.kill', start),
      findPlan(setting.journal, id.replace('plan_', 'op_'), callerOf('billing-app'), 'processes.kill', start),
    ]) {
      expect(await failureOf(gone)).toMatchObject({ kind: 'plan-gone', sent: 'never' });
    }
  });

  it('cannot be made of an operation that was none, or of a dry run that would be refused', async () => {
    const setting = changing(threads('1'));
    const operation = await setting.run(kill(byUser('sue')));
    const gone = bind(setting, operation.id.replace('op_', 'plan_'), whole);
    expect(await failureOf(gone)).toMatchObject({ kind: 'plan-gone' });
    expect(await setting.run(kill(byUser('sue'), { dryRun: true, max: 0 }))).toMatchObject({
      refusal: { code: 'too-many-processes' },
      plan: null,
      planNote: expect.stringContaining('refused'),
    });
  });

  it('ends those whom it fixed, and no newcomer', async () => {
    const setting = changing(threads('1', '2'));
    const id = await planOf(setting, kill(byUser('sue')));
    setting.become(threads('1', '2', '3'));
    const operation = await setting.run(await bind(setting, id, whole));
    expect(setting.sent).toEqual(['n1: 1 2']);
    expect(operation).toMatchObject({ state: 'succeeded', counts: { ended: 2 } });
  });

  const aged = (seconds: number): Partial<Process> => ({ ageSeconds: seconds });
  it.each([
    ['has changed its user', [processOf('1', { ...aged(100), user: 'bob' })], '1 skipped changed'],
    ['has changed its client', [processOf('1', { ...aged(100), client: '10.0.0.8:1' })], '1 skipped changed'],
    ['has changed its database', [processOf('1', { ...aged(100), database: 'other' })], '1 skipped changed'],
    ['has connected since', [processOf('1', aged(2))], '1 skipped changed'],
    ['is gone', [], '1 skipped notListed'],
    ['is busy now, and is the same', [processOf('1', { ...aged(101), state: 'active' })], '1 ended'],
    ['is the same, by a clock that counts whole seconds', [processOf('1', aged(103))], '1 ended'],
    ['cannot tell its age any more', [processOf('1')], '1 ended'],
  ])('ends nobody who %s, but for the same session', async (_name, later, outcome) => {
    const setting = changing([processOf('1', aged(100))]);
    const id = await planOf(setting, kill(byUser('sue')));
    setting.become(later);
    const operation = await setting.run(await bind(setting, id, whole));
    expect(outcomes(operation)).toEqual([outcome]);
    expect(setting.sent).toHaveLength(outcome === '1 ended' ? 1 : 0);
  });

  it('ends nobody who is protected by now', async () => {
    const isProtected = { now: false };
    const setting = changing(threads('1', '2'), {
      protects: ({ id }: Process) => (isProtected.now && id === '1' ? 'vendor' : null),
    });
    const id = await planOf(setting, kill(byUser('sue')));
    isProtected.now = true;
    const operation = await setting.run(await bind(setting, id, whole));
    expect(setting.sent).toEqual(['n1: 2']);
    expect(outcomes(operation)).toEqual(['1 skipped protected', '2 ended']);
  });

  it('is used once, by one of two in the same moment', async () => {
    const setting = changing(threads('1'));
    const id = await planOf(setting, kill(byUser('sue')));
    const request = await bind(setting, id, whole);
    const both = await Promise.allSettled([setting.begin(request), setting.begin(request)]);
    await quiet();
    const refusals = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusals).toMatchObject([{ kind: 'plan-gone' }]);
    expect(setting.sent).toEqual(['n1: 1']);
    expect(await failureOf(bind(setting, id, whole))).toMatchObject({ kind: 'plan-gone' });
  });

  it('is not used up by a call that is refused', async () => {
    const setting = changing(threads('1', '2'), withSafeguards({ killsPerMinute: 3 }));
    const id = await planOf(setting, kill(byUser('sue')));
    await setting.run(kill({ ids: ['1', '2'] }));
    const request = await bind(setting, id, whole);
    expect((await failureOf(setting.begin(request))).kind).toBe('kill-budget-exhausted');
    await setting.clock.pass(61_000);
    await expect(setting.begin(await bind(setting, id, whole))).resolves.toMatch(/^op_/);
  });

  it('of a flush that Sluice composes ends its idle victims alone', async () => {
    const setting = changing([
      processOf('1', { idleSeconds: 70 }),
      processOf('2', { state: 'active' }),
      processOf('3', { idleSeconds: 70 }),
    ]);
    const id = await planOf(setting, flush(['orders']));
    setting.become([
      processOf('1', { state: 'active' }),
      processOf('2', { idleSeconds: 500 }),
      processOf('3', { idleSeconds: 90 }),
    ]);
    const operation = await setting.run(await bind(setting, id, flush(['orders'])));
    expect(setting.sent).toEqual(['n1: 3']);
    expect(operation).toMatchObject({
      kind: 'sessions.flush',
      mode: 'graceful',
      state: 'partial',
      counts: { ended: 1, skipped: 1 },
      targets: [
        {
          items: [
            { id: '1', outcome: 'skipped', why: 'changed' },
            { id: '3', outcome: 'ended' },
          ],
        },
      ],
    });
  });
});

describe('a dry run', () => {
  it('tells victims, protected, calls and words, and changes nothing', async () => {
    const seen = {
      n1: [processOf('1'), processOf('2'), processOf('3'), processOf('9', { user: 'repl' })],
      n2: [processOf('4')],
    };
    const { target, sent } = database(seen, {
      batch: 2,
      extra: { protects: ({ user }) => (user === 'repl' ? 'replication' : null) },
    });
    const operation = await setUp([target]).run(kill(byUser('sue', 'repl'), { dryRun: true }));
    expect(sent).toEqual([]);
    expect(operation).toMatchObject({
      state: 'planned',
      victims: [
        { target: 'orders', node: 'n1', id: '1', user: 'sue' },
        { id: '2' },
        { id: '3' },
        { node: 'n2', id: '4' },
      ],
      protected: [{ target: 'orders', node: 'n1', id: '9', user: 'repl', why: 'replication' }],
      calls: [
        { target: 'orders', node: 'n1', call: 'kill-threads', ...route, ids: 2 },
        { target: 'orders', node: 'n1', call: 'kill-threads', ...route, ids: 1 },
        { target: 'orders', node: 'n2', call: 'kill-threads', ...route, ids: 1 },
      ],
      filterText: 'user is sue or repl, on orders',
      refusal: null,
      plan: { expiresAt: '2026-02-01T00:02:00.000Z' },
      planNote: null,
    });
  });

  it('tells a hundred in full, and of the others who they are', async () => {
    const ids = Array.from({ length: 101 }, (_, at) => String(at + 1));
    const { target } = database({ n1: threads(...ids) });
    const { victims = [] } = await setUp([target]).run(kill(byUser('sue'), { dryRun: true }));
    expect(victims).toHaveLength(101);
    expect(Object.keys(victims[99] ?? {})).toContain('user');
    expect(Object.keys(victims[100] ?? {})).toEqual(['target', 'node', 'id']);
  });

  it('of the vendor’s own call leaves it out of the plan, and says why', async () => {
    const carts = pool('carts', () => Promise.resolve(done('flushpool')));
    const orders = database({ n1: threads('1') });
    const operation = await setUp([carts, orders.target]).run(flush(['carts', 'orders'], { dryRun: true }));
    expect(operation).toMatchObject({
      plan: { id: expect.any(String) },
      planNote: null,
      targets: [{ target: 'carts', planNote: expect.stringContaining('no plan can fix that') }, { target: 'orders' }],
      calls: [
        { target: 'carts', node: null, call: 'flushpool', ids: null },
        { target: 'orders', node: 'n1', call: 'kill-threads', ids: 1 },
      ],
    });
    expect(operation.targets[1]).not.toHaveProperty('planNote');
  });

  it.each([
    [null, ['n1', 'n2']],
    ['n2', ['n2']],
  ])('of a call per node, at %j, tells each', async (node, nodes) => {
    const run = () => Promise.resolve(done('kill-free'));
    const extra = { flush: { graceful: { call: 'kill-free', route, per: 'node' as const, run } } };
    const { target } = database({ n1: [], n2: [] }, { extra });
    const { calls } = await setUp([target]).run(flush(['orders'], { node, dryRun: true }));
    expect(calls?.map((call) => [call.call, call.node])).toEqual(nodes.map((one) => ['kill-free', one]));
  });

  it('of a tune leaves no plan either', async () => {
    const run = () => Promise.resolve(done('session'));
    const target = { ...plain('bi-user'), tune: { call: 'session', route, run } };
    const request = { kind: 'sessions.tune' as const, targets: ['bi-user'], settings: { infinityToNa: true } };
    const operation = await setUp([target]).run({ ...intent, ...request, dryRun: true });
    expect(operation).toMatchObject({
      plan: null,
      planNote: expect.stringContaining('no session'),
      calls: [{ call: 'session', ids: null }],
      filterText: 'the session of bi-user',
    });
  });

  it('would send nobody whom it did not see', async () => {
    const { target } = database({ n1: threads('1') });
    const { victims, calls } = await setUp([target]).run(kill({ ids: ['1', '8'] }, { dryRun: true }));
    expect(victims?.map(({ id }) => id)).toEqual(['1']);
    expect(calls).toMatchObject([{ ids: 1 }]);
  });
});
