/** Over how long kills are counted, in milliseconds. */
export const windowMs = 60_000;

/** Kills of one operation that still count. */
export interface Kills {
  readonly at: number;
  readonly count: number;
}

/** What is left of a budget after these kills, oldest first, and how long it takes until so many are left, if ever. */
export function leftOf(
  kills: readonly Kills[],
  asked: number,
  perMinute: number,
  now: number,
): { readonly left: number; readonly retryAfterMs: number | null } {
  const spent = kills.reduce((sum, { count }) => sum + count, 0);
  const left = Math.max(0, perMinute - spent);
  if (asked > perMinute) return { left, retryAfterMs: null };
  let free = perMinute - spent;
  for (const { at, count } of kills) {
    free += count;
    if (free >= asked) return { left, retryAfterMs: Math.max(0, at + windowMs - now) };
  }
  return { left, retryAfterMs: 0 };
}
