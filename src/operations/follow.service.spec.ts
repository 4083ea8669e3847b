import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { Engine } from '../core/engine/engine.js';
import type { Clock } from '../core/model/clock.js';
import { Waiting } from '../core/model/waiting.js';
import type { Ask } from '../platform/entry/ask.js';
import { MemoryJournal } from '../store/memory/memory.journal.js';
import { add, at, begin, close } from '../store/spec-operations.js';
import { FollowService } from './follow.service.js';

const id = 'op_1';
const followers = 20;

/** Time that passes when all who sleep are woken. */
class Steps implements Clock {
  #now = at;
  #sleeping: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => this.#sleeping.push(resolve));
  }

  /** Half a second passes, once so many sleep. */
  async step(sleepers: number): Promise<void> {
    while (this.#sleeping.length < sleepers) await new Promise((resolve) => setImmediate(resolve));
    this.#now += 500;
    for (const wake of this.#sleeping.splice(0)) wake();
  }
}

describe('following an operation', () => {
  it('reads it once each half second, however many follow it', async () => {
    const journal = new MemoryJournal();
    const read = journal.read.bind(journal);
    let reads = 0;
    journal.read = (asked) => {
      reads += 1;
      return read(asked);
    };
    const clock = new Steps();
    const service = new FollowService(new Engine(journal, clock, 'me'), journal, clock);
    const caller = { name: 'ops', grants: [{ role: 'admin', matches: () => true, statements: false }] };
    await begin(journal, id, { header: { requestedBy: 'ops' } });
    const ask = { caller, waiting: new Waiting() } as unknown as Ask;
    const streams = await Promise.all(Array.from({ length: followers }, () => service.follow(ask, id, undefined)));
    const told = Promise.all(streams.map((stream) => text(stream)));
    await clock.step(followers);
    reads = 0;
    await clock.step(followers);
    await clock.step(followers);
    expect(reads).toBe(2);
    await close(journal, id, { isOver: false });
    await add(journal, id, [{ is: 'over', at }], { isOver: true });
    await clock.step(followers);
    for (const one of await told) expect(one).toMatch(/event: prepared\n[^]*event: over\n/);
  });
});
