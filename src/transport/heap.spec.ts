import { describe, expect, it } from '@jest/globals';
import { longLivedBytes } from './heap.js';

describe('the room for what lives long', () => {
  it('has none of that for what is young', () => {
    const megabytes = (...flags: readonly string[]): number => longLivedBytes(flags) / 2 ** 20;
    expect(megabytes() - megabytes('--v8-pool-size=0', '--max-semi-space-size=32')).toBe(96);
  });
});
