/** No connection lasts for longer: ten years, in seconds. */
export const longestSeconds = 315_576_000;
/** No server of today was started before: 2001, in milliseconds since the epoch. */
export const earliestMs = Date.UTC(2001, 0, 1);
/** Clocks of whole seconds that are read one after the other may differ by so many. */
const toleranceSeconds = 1;
/** The vendor's clock and ours may differ by so many seconds; beyond, it is unknown when something began. */
const skewSeconds = 60;

/** A duration as a vendor counts it; null where no clock can say so: negative, or longer than ten years. */
export function plausibleSeconds(seconds: number | null): number | null {
  return seconds !== null && seconds >= 0 && seconds <= longestSeconds ? Math.floor(seconds) : null;
}

/** How long ago a moment was, both in milliseconds since the epoch; null where no clock can say so. */
export function secondsBetween(since: number, now: number): number | null {
  if (!Number.isFinite(since) || since < earliestMs) return null;
  const seconds = Math.floor((now - since) / 1000);
  return plausibleSeconds(seconds < 0 && seconds >= -skewSeconds ? 0 : seconds);
}

/** A part of the life of a process; null where it would be longer than that life. */
export function withinAge(seconds: number | null, age: number | null): number | null {
  return seconds !== null && age !== null && seconds > age + toleranceSeconds ? null : seconds;
}
