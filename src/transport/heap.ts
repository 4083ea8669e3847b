import { getHeapStatistics } from 'node:v8';

/**
 * What lives long in the heap may grow to so many bytes. V8 counts into its limit the room for what is young, three
 * times the semi-space.
 */
export function longLivedBytes(flags: readonly string[] = process.execArgv): number {
  const megabytes = flags.map((flag) => Number(/^--max-semi-space-size=(\d+)$/.exec(flag)?.[1] ?? 0));
  return getHeapStatistics().heap_size_limit - 3 * Math.max(0, ...megabytes) * 2 ** 20;
}
