import { describe, expect, it } from '@jest/globals';
import { quiet, SpecClock } from '../record/spec-journal.js';
import { Waits } from './waits.js';

const never = () => new Promise<void>(() => undefined);

/** Waits of callers, one after the other: which of them are over at once. */
function waiting(waits: Waits) {
  const answered: string[] = [];
  const wait = async (caller: string, end: () => Promise<void> = never): Promise<void> => {
    void waits.until(end, caller, 45_000).then(() => answered.push(caller));
    await quiet();
  };
  return { answered, wait };
}

describe('who waits for an operation', () => {
  it('waits, unless the same caller waits too often already: then as things stand', async () => {
    const { answered, wait } = waiting(
      new Waits({ after: new SpecClock().after, mostWaiting: () => ({ perCaller: 2, inAll: 100 }) }),
    );
    for (let one = 0; one < 5; one += 1) await wait('greedy');
    expect(answered).toEqual(['greedy', 'greedy', 'greedy']);
    await wait('other');
    expect(answered).not.toContain('other');
  });

  it('waits, unless too many do in all', async () => {
    const { answered, wait } = waiting(
      new Waits({ after: new SpecClock().after, mostWaiting: () => ({ perCaller: 2, inAll: 3 }) }),
    );
    for (const caller of ['a', 'a', 'b', 'b', 'c']) await wait(caller);
    expect(answered).toEqual(['b', 'c']);
  });

  it('makes room for others once it is over', async () => {
    const clock = new SpecClock();
    const { answered, wait } = waiting(
      new Waits({ after: clock.after, mostWaiting: () => ({ perCaller: 1, inAll: 1 }) }),
    );
    await wait('a');
    clock.advance(45_000);
    await quiet();
    expect(answered).toEqual(['a']);
    await wait('a');
    expect(answered).toEqual(['a']);
    await wait('b');
    expect(answered).toEqual(['a', 'b']);
  });
});
