import { describe, expect, it, jest } from '@jest/globals';
import { Waiting } from './waiting.js';

/** Work that ends when it is told to. */
function work() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => done, end };
}

describe('Waiting', () => {
  it('counts waits that overlap once, what is waited for now, and nothing between', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const waiting = new Waiting();
    const [one, other, late] = [work(), work(), work()];
    const both = Promise.all([waiting.during(one.run), waiting.during(other.run)]);
    clock.mockReturnValue(1040);
    expect(waiting.ms).toBe(40);
    one.end();
    other.end();
    await both;
    clock.mockReturnValue(1100);
    expect(waiting.ms).toBe(40);
    const last = waiting.during(late.run);
    clock.mockReturnValue(1105);
    late.end();
    await last;
    clock.mockReturnValue(2000);
    expect(waiting.ms).toBe(45);
    clock.mockRestore();
  });

  it('ends with work that fails', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const waiting = new Waiting();
    await expect(waiting.during(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    clock.mockReturnValue(2000);
    expect(waiting.ms).toBe(0);
    clock.mockRestore();
  });
});
