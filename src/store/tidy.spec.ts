import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../core/model/clock.js';
import { MemoryJournal } from './memory/memory.journal.js';
import { keepTidy } from './tidy.js';

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
  readonly asked: number[] = [];
  readonly answers: (number | Error)[] = [];

  override prune(before: number): Promise<number> {
    this.asked.push(before);
    const answer = this.answers.shift() ?? 0;
    return typeof answer === 'number' ? Promise.resolve(answer) : Promise.reject(answer);
  }
}

describe('keeping a journal tidy', () => {
  it('deletes in batches until less than one is left, and begins again a minute later', async () => {
    const journal = new CountedJournal();
    journal.answers.push(200, 200, 3);
    const { clock, sleeps } = stepped(100 * day);
    const tidy = keepTidy(journal, { retentionDays: 30 }, clock, () => undefined);
    for (const expected of [100, 100, 60_000]) {
      await settle();
      const sleep = sleeps.at(-1)!;
      expect(sleep.milliseconds).toBe(expected);
      sleep.end();
    }
    await settle();
    expect(journal.asked).toEqual([70, 70, 70, 70].map((days) => days * day));
    await tidy.stop();
  });

  it('keeps 90 days by default, tells of an error, and tries again', async () => {
    const journal = new CountedJournal();
    const error = new Error('down');
    journal.answers.push(error);
    const { clock, sleeps } = stepped(100 * day);
    const errors: unknown[] = [];
    const tidy = keepTidy(journal, {}, clock, (thrown) => errors.push(thrown));
    await settle();
    expect(errors).toEqual([error]);
    sleeps.at(-1)!.end();
    await settle();
    expect(journal.asked).toEqual([10 * day, 10 * day]);
    await tidy.stop();
  });

  it('stops in the middle of its work', async () => {
    const journal = new CountedJournal();
    journal.answers.push(200, 200, 200);
    const { clock } = stepped(0);
    const tidy = keepTidy(journal, {}, clock, () => undefined);
    await settle();
    await tidy.stop();
    expect(journal.asked).toHaveLength(1);
  });
});
