const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after each try the next one is made, in milliseconds; the last of them from then on. */
const pausesMs = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 4 * hour];
/** By so much of itself a pause is longer or shorter: receivers are not asked for everything at once. */
const jitter = 0.2;
/** A receiver that asks for more patience gets so much. */
const mostPatienceMs = 4 * hour;

/** What was not received within this time is given up. */
export const giveUpAfterMs = 24 * hour;

/** How long to wait after so many tries. `random` is 0 to 1. */
export function pauseAfter(attempts: number, random: number, retryAfterMs = 0): number {
  const usual = pausesMs[Math.min(attempts, pausesMs.length) - 1] ?? pausesMs[0] ?? second;
  return Math.max(usual * (1 - jitter + 2 * jitter * random), Math.min(retryAfterMs, mostPatienceMs));
}
