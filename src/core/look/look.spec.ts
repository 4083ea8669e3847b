import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import { lookAt, lookAtNode, lookAtNodes, lookCall, type LookAnswer } from './look.js';
import { chooseNodes } from './nodes.js';
import type { Position } from '../model/order.js';
import type { Process, Seen } from '../model/process.js';
import { inQuery, type LookRequest } from '../model/request.js';
import { everything, readWritten } from '../model/selection.js';
import { noSafeguards, nobody, unguarded } from '../model/spec-process.js';
import type { Call, Listing, Node, Target } from '../model/target.js';

const seed = 20_260_204;
const start = Date.UTC(2026, 1, 1);
const clock: Clock = { now: () => start, sleep: () => Promise.resolve() };
const call: Call = { requestId: 'r1', signal: new AbortController().signal, deadline: start + 60_000 };

function node(name: string | null): Node {
  return { name, id: name, component: null };
}

function process(facts: Partial<Process>): Process {
  return { ...nobody, ...facts };
}

type Content = readonly string[] | Failure | Partial<Listing>;

/** A target that can do nothing but name its nodes. */
function blindTarget(name: string, nodes: readonly string[]): Target {
  return {
    ...unguarded,
    name,
    backend: 'taurusdb',
    labels: {},
    description: null,
    facts: new Set(['user']),
    states: new Set(['idle']),
    isId: () => true,
    configuredNodes: null,
    nodes: () => Promise.resolve(nodes.map(node)),
    lookMs: 15_000,
  };
}

/** A target whose nodes hold the processes with these ids, or fail. */
function targetOf(name: string, contents: Readonly<Record<string, Content>>): Target {
  return {
    ...blindTarget(name, Object.keys(contents)),
    look: (at) => {
      const content = contents[at.name ?? ''] ?? [];
      if (content instanceof Failure) return Promise.reject(content);
      if (!('length' in content))
        return Promise.resolve({ processes: [], complete: true, at: new Date(start), ...content });
      const processes = content.map((id) => process({ id, target: name, node: at.name, user: `user-${id}` }));
      return Promise.resolve({ processes, complete: true, at: new Date(start) });
    },
  };
}

const dead = new Failure('upstream-unavailable', 'It is down.');

function ask(targets: readonly Target[], request: Partial<LookRequest> = {}): Promise<LookAnswer> {
  const names = targets.map(({ name }) => name);
  const whole: LookRequest = {
    writing: inQuery,
    targets: names,
    selection: everything,
    sort: null,
    limit: 10_000,
    after: null,
    ...request,
  };
  return lookAt(targets, whole, call, clock, lookAtNode);
}

const places = (answer: LookAnswer): readonly string[] =>
  answer.items.map(({ target, node: at, id }) => `${target}/${at ?? ''}/${id}`);

describe('lookAt', () => {
  it('merges all targets and nodes in one order', async () => {
    const answer = await ask([
      targetOf('b', { n: ['2', '10'] }),
      targetOf('a', { n2: ['1'], n1: ['9007199254740993', '7'] }),
    ]);
    expect(places(answer)).toEqual(['a/n1/7', 'a/n1/9007199254740993', 'a/n2/1', 'b/n/2', 'b/n/10']);
    expect(answer.next).toBeNull();
    expect(answer.targets).toEqual([
      { target: 'b', status: 'ok', matched: 2, connected: 2, complete: true, collectedAt: '2026-02-01T00:00:00.000Z' },
      { target: 'a', status: 'ok', matched: 3, connected: 3, complete: true, collectedAt: '2026-02-01T00:00:00.000Z' },
    ]);
  });

  it('counts what matches and what is connected apart', async () => {
    const answer = await ask([targetOf('a', { n: ['1', '2', '3'] })], {
      selection: { ...everything, ids: ['2', '9'] },
    });
    expect(places(answer)).toEqual(['a/n/2']);
    expect(answer.targets[0]).toMatchObject({ matched: 1, connected: 3 });
  });

  it('tells a list that the vendor cut, and the oldest of its moments', async () => {
    const older = { processes: [], complete: false, at: new Date(start - 1500) };
    const answer = await ask([targetOf('a', { n1: ['1'], n2: older })]);
    expect(answer.targets[0]).toMatchObject({
      status: 'ok',
      complete: false,
      collectedAt: '2026-01-31T23:59:58.500Z',
    });
  });

  it('does not let a dead target hide the others', async () => {
    const answer = await ask([targetOf('a', { n: dead }), targetOf('b', { n: ['1'] })]);
    expect(places(answer)).toEqual(['b/n/1']);
    expect(answer.targets[0]).toMatchObject({
      target: 'a',
      status: 'failed',
      matched: null,
      connected: null,
      complete: false,
      collectedAt: null,
      problem: { code: 'upstream-unavailable', upstream: { target: 'a', backend: 'taurusdb' } },
    });
    expect(answer.targets[1]).toMatchObject({ target: 'b', status: 'ok' });
  });

  it('may be asked again, whatever became of the question: it changed nothing', async () => {
    const lost = new Failure('upstream-unavailable', 'The vendor failed.', { sent: 'perhaps' });
    const answer = await ask([targetOf('a', { n: lost }), targetOf('b', { n: ['1'] })]);
    expect(answer.targets[0]?.problem).toMatchObject({ code: 'upstream-unavailable', retryable: true });
    await expect(ask([targetOf('a', { n: lost })])).rejects.toMatchObject({
      kind: 'upstream-unavailable',
      sent: 'never',
    });
  });

  it('does not let a dead node hide the others of its target', async () => {
    const answer = await ask([targetOf('a', { n1: dead, n2: ['4'] })]);
    expect(places(answer)).toEqual(['a/n2/4']);
    expect(answer.targets[0]).toMatchObject({ status: 'failed', matched: 1, connected: 1, complete: false });
  });

  it('tells a target whose only living node is empty as seen', async () => {
    const answer = await ask([targetOf('a', { n1: dead, n2: [] })]);
    expect(answer.items).toEqual([]);
    expect(answer.targets[0]).toMatchObject({ status: 'failed', matched: 0, connected: 0 });
  });

  it('throws the problem itself if nothing at all could be seen', async () => {
    const refused = new Failure('upstream-rejected', 'No.');
    await expect(ask([targetOf('a', { n: dead }), targetOf('b', { n: refused })])).rejects.toMatchObject({
      kind: 'upstream-unavailable',
      upstream: { target: 'a' },
    });
  });

  it('tells a target whose nodes cannot be found as dead', async () => {
    const lost: Target = { ...targetOf('a', {}), nodes: () => Promise.reject(dead) };
    await expect(ask([lost])).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    const answer = await ask([lost, targetOf('b', { n: [] })]);
    expect(answer.targets.map(({ status }) => status)).toEqual(['failed', 'ok']);
  });

  it('tells an unexpected error without its words', async () => {
    const broken: Target = { ...targetOf('a', { n: [] }), look: () => Promise.reject(new Error('pswd=hunter2')) };
    const answer = await ask([broken, targetOf('b', { n: [] })]);
    expect(answer.targets[0]?.problem).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('looks at the named nodes only', async () => {
    const selection = { ...everything, nodes: ['n2'] };
    expect(places(await ask([targetOf('a', { n1: ['1'], n2: ['2'], n3: dead })], { selection }))).toEqual(['a/n2/2']);
  });

  it('refuses a node that its only target does not have', async () => {
    const selection = { ...everything, nodes: ['n9'] };
    await expect(ask([targetOf('a', { n1: ['1'] })], { selection })).rejects.toMatchObject({ kind: 'invalid-request' });
  });

  it('takes from each of several targets the named nodes that it has', async () => {
    const selection = { ...everything, nodes: ['n2'] };
    const answer = await ask([targetOf('a', { n1: ['1'] }), targetOf('b', { n2: ['2'] })], { selection });
    expect(places(answer)).toEqual(['b/n2/2']);
    expect(answer.targets[0]).toMatchObject({
      status: 'ok',
      matched: 0,
      connected: 0,
      complete: true,
      collectedAt: null,
    });
  });

  it('gives counts only for a limit of 0', async () => {
    const answer = await ask([targetOf('a', { n: ['1', '2'] })], { limit: 0 });
    expect(answer).toMatchObject({ items: [], next: null, targets: [{ matched: 2 }] });
  });

  it('sorts by a clock in one page, without a next', async () => {
    const processes = [5, null, 70].map((idleSeconds, at) =>
      process({ id: String(at), target: 'a', node: 'n', idleSeconds }),
    );
    const answer = await ask([targetOf('a', { n: { processes } })], { sort: 'idleSeconds', limit: 2 });
    expect(answer.items.map(({ id }) => id)).toEqual(['2', '0']);
    expect(answer.next).toBeNull();
  });

  it('gives each target its own time, within that of the call', () => {
    const target = targetOf('a', {});
    expect(lookCall(target, call, clock).deadline).toBe(start + 15_000);
    expect(lookCall(target, { ...call, deadline: start + 10 }, clock).deadline).toBe(start + 10);
  });

  it('hands the shortened call to the vendor', async () => {
    const deadlines: number[] = [];
    const target = targetOf('a', { n: [] });
    const watched: Target = {
      ...target,
      look: (at, own) => {
        deadlines.push(own.deadline);
        return Promise.resolve({ processes: [], complete: true, at: new Date(at.name === null ? 0 : start) });
      },
    };
    await ask([watched]);
    expect(deadlines).toEqual([start + 15_000]);
  });

  it('refuses to look at what cannot be looked at', () => {
    const blind = blindTarget('a', []);
    expect(() => lookAtNode(blind, node(null), call)).toThrow(
      expect.objectContaining({ kind: 'unsupported-operation' }),
    );
  });
});

describe('protections', () => {
  const replica: Seen = { ...nobody, id: '2', target: 'a', node: 'n', user: 'sue', connectionType: 'S' };
  const guarded: Target = {
    ...targetOf('a', { n: { processes: [process({ id: '1', target: 'a', node: 'n', user: 'bob' }), replica] } }),
    protects: ({ connectionType }) => (connectionType === 'S' ? 'replication' : null),
    safeguards: { ...noSafeguards, protect: [readWritten({ user: ['bob'] }).selection] },
  };

  it('are told of every process that is looked at, whatever somebody said of it before', async () => {
    const { items } = await ask([guarded]);
    expect(items.map((one) => one.protected)).toEqual(['configured', 'replication']);
    const [looked] = await lookAtNodes(guarded, [node('n')], call);
    expect(looked?.listing?.processes).toEqual(items);
    const claimed = targetOf('a', { n: { processes: [process({ target: 'a', protected: 'vendor' })] } });
    expect((await ask([claimed])).items[0]?.protected).toBeNull();
  });

  it('show nothing of what only the backend needs for them', async () => {
    const { items } = await ask([guarded]);
    for (const item of items) expect(Object.keys(item).toSorted()).toEqual(Object.keys(nobody).toSorted());
  });

  it('take nothing from the counts', async () => {
    expect((await ask([guarded])).targets[0]).toMatchObject({ matched: 2, connected: 2 });
  });
});

describe('paging', () => {
  const ids = fc.uniqueArray(
    fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String), fc.string({ minLength: 1, maxLength: 3 })),
    {
      maxLength: 12,
    },
  );
  const contents = fc.dictionary(fc.constantFrom('n1', 'n2', 'n3'), ids, { minKeys: 1 });

  it('gives, page after page, exactly the whole list, for any limit', async () => {
    await fc.assert(
      fc.asyncProperty(contents, contents, fc.integer({ min: 1, max: 7 }), async (left, right, limit) => {
        const targets = [targetOf('a', left), targetOf('b', right)];
        const whole = places(await ask(targets));
        const pages: string[] = [];
        let after: Position | null = null;
        do {
          const answer: LookAnswer = await ask(targets, { limit, after });
          expect(answer.items.length).toBeLessThanOrEqual(limit);
          // Pages that do not move on would never end.
          expect(pages.length).toBeLessThanOrEqual(whole.length);
          pages.push(...places(answer));
          after = answer.next;
        } while (after !== null);
        expect(pages).toEqual(whole);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('goes on after a position whose process is gone', async () => {
    const answer = await ask([targetOf('a', { n: ['1', '3'] })], { after: { target: 'a', node: 'n', id: '2' } });
    expect(places(answer)).toEqual(['a/n/3']);
  });

  it('has no next when the page ends with the list', async () => {
    const answer = await ask([targetOf('a', { n: ['1', '2'] })], { limit: 2 });
    expect(answer.next).toBeNull();
  });
});

describe('chooseNodes', () => {
  it('gives all nodes, or those that are named, and refuses an unknown name', async () => {
    const target = targetOf('a', { n1: [], n2: [] });
    expect((await chooseNodes(target, [], call)).map(({ name }) => name)).toEqual(['n1', 'n2']);
    expect((await chooseNodes(target, ['n2'], call)).map(({ name }) => name)).toEqual(['n2']);
    await expect(chooseNodes(target, ['n2', 'n3'], call)).rejects.toMatchObject({
      kind: 'invalid-request',
      sent: 'never',
    });
  });
});
