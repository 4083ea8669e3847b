import { describe, expect, it } from '@jest/globals';
import type { OperationEvent, Prepared } from '../model/event.js';
import { LeaseLost } from './journal.js';
import { OpenRecord } from './open-record.js';
import { unrecorded } from './unrecorded.js';
import { quiet, SpecClock, SpecJournal, start, storeDown } from './spec-journal.js';

const prepared: Prepared = {
  is: 'prepared',
  at: start,
  header: {
    id: 'op_1',
    kind: 'sessions.flush',
    mode: 'graceful',
    dryRun: false,
    requestedBy: 'billing-app',
    onBehalfOf: null,
    reason: null,
    requestId: 'r1',
    createdAt: new Date(start).toISOString(),
  },
  targets: [{ target: 'carts', backend: 'dcs', strategy: 'native' }],
  answerBy: start,
};
const started: OperationEvent = { is: 'started', at: start, target: 'carts', node: null, call: 'kill-all', ids: null };
const ended: OperationEvent = { is: 'ended', at: start, target: 'carts', note: null };
const closed: OperationEvent = { is: 'closed', at: start };
const over: OperationEvent = { is: 'over', at: start };

async function openOne() {
  const journal = new SpecJournal();
  const clock = new SpecClock();
  await journal.open(prepared, { claims: [], spending: [] }, { owner: 'me', now: start, until: start + 15_000 });
  const record = new OpenRecord('op_1', [prepared], journal, 'me', clock, start);
  return { journal, clock, record };
}

describe('an open record', () => {
  it('writes events in their order, as many together as have gathered', async () => {
    const { journal, record } = await openOne();
    record.add(started);
    await record.written();
    record.add(ended);
    // What follows at once is not written by itself.
    await Promise.resolve();
    record.add(closed, over);
    expect(record.isClosed).toBe(true);
    await record.written();
    expect(journal.kinds).toEqual(['prepared', 'started', 'ended', 'closed', 'over']);
    expect(journal.entries.map(({ from, events, isOver }) => [from, events.length, isOver])).toEqual([
      [1, 1, false],
      [2, 3, true],
    ]);
    expect(journal.entries.map(({ record: told }) => told?.state)).toEqual([undefined, 'unknown']);
  });

  it('tells of all that it holds, written or not', async () => {
    const { record } = await openOne();
    expect(record.operation.state).toBe('running');
    record.add(started, ended);
    expect(record.operation.state).toBe('unknown');
    expect(record.operation).toBe(record.operation);
  });

  it('has nothing to wait for where nothing was added', async () => {
    const { record } = await openOne();
    await record.written();
  });

  it.each(['broken', 'forgetful'] as const)('writes each event once, after a store that was %s', async (fault) => {
    const { journal, clock, record } = await openOne();
    journal[fault] = ({ is }) => is === 'started';
    record.add(started);
    await expect(record.written()).rejects.toBe(storeDown);
    record.add(ended, closed);
    journal[fault] = () => false;
    await clock.pass(1000);
    await record.written();
    expect(journal.kinds).toEqual(['prepared', 'started', 'ended', 'closed']);
    expect((await journal.read('op_1'))?.events.map(({ is }) => is)).toEqual(journal.kinds);
    expect(clock.sleepers).toBe(0);
  });

  it('tries again soon at first, and then patiently, and tells each who waits', async () => {
    const { journal, clock, record } = await openOne();
    let tries = 0;
    journal.append = () => {
      tries += 1;
      return Promise.reject(storeDown);
    };
    record.add(started);
    await quiet();
    const triesAt = async (milliseconds: number): Promise<number> => {
      clock.advance(milliseconds);
      await quiet();
      return tries;
    };
    expect([await triesAt(249), await triesAt(1), await triesAt(499), await triesAt(1)]).toEqual([1, 2, 2, 3]);
    const waiting = record.written();
    const failed = expect(waiting).rejects.toBe(storeDown);
    await triesAt(1000);
    await failed;
    const before = tries;
    await clock.pass(60_000);
    expect(tries - before).toBeLessThanOrEqual(14);
    expect(tries - before).toBeGreaterThanOrEqual(11);
  });

  it('can be waited for however long the store takes', async () => {
    const { journal, clock, record } = await openOne();
    journal.isDown = true;
    record.add(started);
    let isWritten = false;
    const written = record.whenWritten().then(() => {
      isWritten = true;
    });
    await clock.pass(60_000);
    expect(isWritten).toBe(false);
    journal.isDown = false;
    await clock.pass(5000);
    await written;
  });

  it('writes nothing more once it is another’s, and lets everybody go who waits', async () => {
    const { journal, clock, record } = await openOne();
    await journal.adopt({ owner: 'another', now: start + 15_000, until: start + 30_000 }, 10);
    record.add(started);
    const waiting = [record.written(), record.written()];
    const end = record.whenWritten();
    for (const one of waiting) await expect(one).rejects.toBeInstanceOf(LeaseLost);
    await end;
    expect(record.isLost).toBe(true);
    expect(record.lost.aborted).toBe(true);
    record.add(ended);
    await expect(record.written()).rejects.toBeInstanceOf(LeaseLost);
    await clock.pass(10_000);
    expect(journal.kinds).toEqual(['prepared']);
    expect(clock.sleepers).toBe(0);
  });

  it('that is given up in the middle of a write writes nothing after it', async () => {
    const { journal, clock, record } = await openOne();
    record.add(started);
    // Its write has begun.
    await new Promise((resolve) => {
      process.nextTick(resolve);
    });
    record.add(ended);
    const waiting = record.written();
    record.giveUp();
    await expect(waiting).rejects.toBeInstanceOf(LeaseLost);
    await quiet();
    expect(journal.kinds).toEqual(['prepared', 'started']);
    expect(clock.sleepers).toBe(0);
  });

  it('that is given up while it waits to try again leaves no sleeper behind', async () => {
    const { journal, clock, record } = await openOne();
    journal.isDown = true;
    record.add(started);
    await quiet();
    expect(clock.sleepers).toBe(1);
    record.giveUp();
    await quiet();
    expect(clock.sleepers).toBe(0);
  });
});

describe('unrecorded', () => {
  it.each([
    [new LeaseLost('op_1'), /another replica/i],
    [storeDown, /cannot be recorded/],
    [new TypeError('pswd=hunter2'), /cannot be recorded/],
  ])('tells %s as never sent, without its words', (thrown, message) => {
    const failure = unrecorded(thrown);
    expect(failure).toMatchObject({ kind: 'store-unavailable', sent: 'never' });
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('hunter2');
  });
});
