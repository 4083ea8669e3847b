import { describe, expect, it } from '@jest/globals';
import { Failure } from '../core/model/failure.js';
import { quiet, SpecClock } from '../core/record/spec-journal.js';
import type { Seen } from '../core/model/process.js';
import { unguarded } from '../core/model/spec-process.js';
import type { Call, Listing, Node, Target } from '../core/model/target.js';
import { RecentListings } from './recent-listings.js';

const node = (name: string | null): Node => ({ name, id: name, component: null });
const whole = node(null);

interface Begun {
  readonly node: Node;
  readonly signal: AbortSignal;
  /** With so many processes. */
  end(count?: number): Promise<void>;
  fail(): Promise<void>;
}

/** A target whose listings end when the test says so. */
function slowTarget(): { readonly target: Target; readonly begun: readonly Begun[] } {
  const begun: Begun[] = [];
  const look = (where: Node, { signal }: Call): Promise<Listing> => {
    const { promise, resolve, reject } = Promise.withResolvers<Listing>();
    const settled = async (): Promise<void> => {
      await promise.catch(() => undefined);
    };
    signal.addEventListener('abort', () => {
      reject(new Failure('request-timeout', 'stopped'));
    });
    begun.push({
      node: where,
      signal,
      end: (count = 0) => {
        resolve({
          processes: Array.from({ length: count }, (_, id) => ({ id: String(id) }) as Seen),
          complete: true,
          at: new Date(begun.length),
        });
        return settled();
      },
      fail: () => {
        reject(new Failure('upstream-unavailable', 'down'));
        return settled();
      },
    });
    return promise;
  };
  const target: Target = {
    ...unguarded,
    name: 'pool',
    backend: 'spec',
    labels: {},
    description: null,
    facts: new Set(),
    states: new Set(),
    isId: () => true,
    configuredNodes: [whole],
    nodes: () => Promise.resolve([whole]),
    lookMs: 1000,
    look,
  };
  return { target, begun };
}

function setUp() {
  const clock = new SpecClock();
  const recent = new RecentListings(clock);
  const { target, begun } = slowTarget();
  const look = (signal: AbortSignal = new AbortController().signal, where: Node = whole, of: Target = target) =>
    recent.look(of, where, { requestId: 'r', signal, deadline: Infinity });
  const forward = (milliseconds: number): void => {
    clock.advance(milliseconds);
  };
  return { recent, target, begun, look, forward, clock };
}

describe('looks that come close together', () => {
  it('share one listing while it is made, and for 2 s after', async () => {
    const { begun, look, forward } = setUp();
    const first = look();
    forward(60_000);
    const second = look();
    await begun[0]?.end();
    expect(await second).toBe(await first);
    forward(1999);
    expect(await look()).toBe(await first);
    expect(begun).toHaveLength(1);
    forward(1);
    const later = look();
    expect(begun).toHaveLength(2);
    await begun[1]?.end();
    expect(await later).not.toBe(await first);
  });

  it('leave nothing behind once it is too old to be shared', async () => {
    const { recent, begun, look, forward } = setUp();
    const both = Promise.all([look(), look(new AbortController().signal, node('a'))]);
    await begun[0]?.end();
    await begun[1]?.end();
    await both;
    expect(recent.size).toBe(2);
    forward(2000);
    await quiet();
    expect(recent.size).toBe(0);
  });

  it('leave no timer behind once nothing is looked at any more', async () => {
    const { recent, begun, look, target, clock } = setUp();
    const made = Promise.all([look(), look(new AbortController().signal, node('a'))]);
    await begun[0]?.end();
    await begun[1]?.end();
    await made;
    recent.forget(target);
    const cut = look(new AbortController().signal, node('b')).catch(() => 'stopped');
    expect(clock.sleepers).toBe(2);
    recent.close();
    expect(await cut).toBe('stopped');
    await quiet();
    expect([recent.size, clock.sleepers]).toEqual([0, 0]);
  });

  it('let go of the oldest listings where those kept are too many processes', async () => {
    const { recent, begun, look, forward } = setUp();
    const open = new AbortController().signal;
    const [a, b, c] = ['a', 'b', 'c'].map(node);
    for (const [index, where] of [a, b].entries()) {
      const seen = look(open, where);
      await begun[index]?.end(25_000);
      await seen;
    }
    expect([(await look(open, a)).processes.length, begun.length]).toEqual([25_000, 2]);
    const third = look(open, c);
    await begun[2]?.end(1);
    await third;
    await quiet();
    expect(recent.size).toBe(2);
    void look(open, b);
    void look(open, c);
    expect(begun).toHaveLength(3);
    const again = look(open, a);
    expect(begun).toHaveLength(4);
    await begun[3]?.end(50_001);
    await again;
    await quiet();
    expect(recent.size).toBe(1);
    await look(open, a);
    expect(begun).toHaveLength(4);
    forward(2000);
    await quiet();
    expect(recent.size).toBe(0);
  });

  it('share nothing with those at other nodes or targets', () => {
    const { begun, look } = setUp();
    const other = slowTarget();
    const open = new AbortController().signal;
    void look(open, node('a'));
    void look(open, node('b'));
    void look(open, whole, other.target);
    expect([begun.length, other.begun.length]).toEqual([2, 1]);
  });

  it('share a failure among those who wait for it, and with nobody after', async () => {
    const { begun, look } = setUp();
    const both = Promise.allSettled([look(), look()]);
    await begun[0]?.fail();
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const after = look();
    await begun[1]?.end();
    await expect(after).resolves.toMatchObject({ complete: true });
  });

  it('share nothing with what was begun before something was done', async () => {
    const { recent, target, begun, look } = setUp();
    const before = look();
    recent.forget(target);
    const after = look();
    expect(begun).toHaveLength(2);
    await begun[1]?.end();
    await begun[0]?.end();
    expect(await look()).toBe(await after);
    expect(await before).not.toBe(await after);
  });
});

describe('whoever hangs up', () => {
  it('is answered at once, and stops the listing if nobody else waits for it', async () => {
    const { begun, look } = setUp();
    const caller = new AbortController();
    const answer = look(caller.signal);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'request-timeout' });
    expect(begun[0]?.signal.aborted).toBe(true);
  });

  it('does not disturb the others', async () => {
    const { begun, look } = setUp();
    const caller = new AbortController();
    const gone = look(caller.signal);
    const other = look();
    caller.abort();
    await expect(gone).rejects.toMatchObject({ kind: 'request-timeout' });
    expect(begun[0]?.signal.aborted).toBe(false);
    await begun[0]?.end();
    await expect(other).resolves.toMatchObject({ complete: true });
  });

  it('leaves nothing behind for those who come next', async () => {
    const { begun, look } = setUp();
    const caller = new AbortController();
    const gone = look(caller.signal).catch(() => undefined);
    caller.abort();
    await gone;
    const next = look();
    expect(begun).toHaveLength(2);
    await begun[1]?.end();
    await expect(next).resolves.toMatchObject({ complete: true });
  });

  it('had hung up before', async () => {
    const { look } = setUp();
    await expect(look(AbortSignal.abort())).rejects.toMatchObject({ kind: 'request-timeout' });
  });
});
