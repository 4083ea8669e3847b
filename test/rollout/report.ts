import type { Seen } from './load.ts';
import { delaySeconds, timeoutSeconds } from './replica.ts';

/** What came of one rehearsal. */
export interface Row {
  readonly balancer: string;
  readonly seconds: number;
  readonly seen: Seen;
  readonly lost: number;
  readonly doubled: number;
  readonly unknown: number;
  readonly stopMs: readonly number[];
  readonly codes: readonly (number | null)[];
}

/** Writes a line of it, and the first that failed. Was nothing lost? */
export function tell({ balancer, seconds, seen, lost, doubled, unknown, stopMs, codes }: Row): boolean {
  const longest = (delaySeconds + timeoutSeconds) * 1000;
  const isGood =
    seen.failed.length + lost + doubled + unknown === 0 &&
    codes.every((code) => code === 0) &&
    stopMs.every((ms) => ms <= longest);
  process.stdout.write(
    [
      `${isGood ? 'passed' : 'FAILED'}  ${balancer}, ${String(seconds)} s`,
      `${String(seen.requests)} requests, ${String(seen.failed.length)} failed`,
      `${String(seen.kills.size)} kills, ${String(lost)} lost, ${String(doubled)} doubled, ${String(unknown)} not succeeded`,
      stopMs.length === 0
        ? 'nobody was replaced'
        : `replicas gone after ${stopMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')}, exit ${codes.join(' and ')}`,
    ].join('; ') + '\n',
  );
  for (const one of seen.failed.slice(0, 10)) process.stdout.write(`  ${one}\n`);
  return isGood;
}
