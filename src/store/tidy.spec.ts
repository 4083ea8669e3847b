import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../core/model/clock.js';
import type { Pruned, Retention, Usage } from '../core/record/retention.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { keepTidy, type TidyConfig } from './tidy.js';

const day = 86_400_000;

/** A clock whose sleeps end when the spec says so. */
function stepped(start: number) {
  const sleeps: { readonly milliseconds: number; readonly end: () => void }[] = [];
  const clock: Clock = {
    now: () => start,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        sleeps.push({ milliseconds, end: resolve });
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
  };
  return { clock, sleeps };
}

/** Lets all that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class CountedJournal extends MemoryJournal {
  readonly asked: Retention[] = [];
  readonly answers: (number | Error)[] = [];
  bytes = 0;
  readonly tooMuch: number[] = [];

  override prune(retention: Retention, limit: number): Promise<Pruned> {
    this.asked.push(retention);
    const answer = this.answers.shift() ?? 0;
    if (typeof answer !== 'number') return Promise.reject(answer);
    return Promise.resolve({ operations: answer, isDone: answer < limit });
  }

  override usage(): Promise<Usage> {
    return Promise.resolve({ operations: 1, bytes: this.bytes, oldestAt: 0 });
  }

  /** Deletes a megabyte each time. */
  override pruneOldest(bytes: number): Promise<number> {
    this.tooMuch.push(bytes);
    this.bytes -= 1_000_000;
    return Promise.resolve(7);
  }
}

function setUp(config: TidyConfig) {
  const journal = new CountedJournal();
  const { clock, sleeps } = stepped(100 * day);
  const told: unknown[] = [];
  const start = () =>
    keepTidy(journal, config, clock, {
      failed: (thrown) => told.push(thrown),
      pruned: (operations, why) => {
        if (operations > 0) told.push([operations, why]);
      },
      kept: ({ bytes }) => told.push(bytes),
    });
  /** Lets it run until it sleeps, and gives for how long. */
  const sleep = async (): Promise<number> => {
    await settle();
    const { milliseconds, end } = sleeps.at(-1)!;
    end();
    return milliseconds;
  };
  return { journal, told, start, sleep };
}

describe('keeping a journal tidy', () => {
  it('deletes in batches until less than one is left, and begins again a minute later', async () => {
    const { journal, told, start, sleep } = setUp({ retentionDays: 30 });
    journal.answers.push(200, 200, 3);
    const tidy = start();
    for (const expected of [100, 100, 60_000]) expect(await sleep()).toBe(expected);
    await settle();
    expect(journal.asked.map(({ before }) => before)).toEqual([70, 70, 70, 70].map((days) => days * day));
    expect(journal.asked[0]?.dryRunsBefore).toBe(100 * day - 15 * 60_000);
    expect(told).toEqual([[403, 'age'], 0, 0]);
    await tidy.stop();
  });

  it('deletes the oldest while there is too much', async () => {
    const { journal, told, start, sleep } = setUp({ maxMegabytes: 10 });
    journal.bytes = 11_500_000;
    const tidy = start();
    for (const expected of [100, 100, 60_000]) expect(await sleep()).toBe(expected);
    expect(journal.tooMuch).toEqual([1_500_000, 500_000]);
    expect(told).toEqual([[14, 'size'], 9_500_000]);
    await tidy.stop();
  });

  it('keeps 90 days and any size by default, tells of an error, and tries again', async () => {
    const { journal, told, start, sleep } = setUp({});
    journal.bytes = 1e15;
    const error = new Error('down');
    journal.answers.push(error);
    const tidy = start();
    await sleep();
    expect(told).toEqual([error]);
    await settle();
    expect(journal.asked.map(({ before }) => before)).toEqual([10 * day, 10 * day]);
    expect(journal.tooMuch).toEqual([]);
    await tidy.stop();
  });

  it('stops in the middle of its work', async () => {
    const { journal, start } = setUp({});
    journal.answers.push(200, 200, 200);
    const tidy = start();
    await settle();
    await tidy.stop();
    expect(journal.asked).toHaveLength(1);
  });
});
