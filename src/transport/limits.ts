/** Milliseconds and numbers that bound the traffic of one connection. */
export interface Limits {
  readonly connectMs: number;
  /** The longest that one answer may take, from sending to its last byte. */
  readonly answerMs: number;
  /** The longest that a look at one target may take. */
  readonly lookMs: number;
  /** Exchanges side by side, and how many may wait. */
  readonly inFlight: number;
  readonly queue: number;
  /** How long a circuit stays open, and how many failures in a row open it. */
  readonly openMs: number;
  readonly failures: number;
}

export const defaultLimits: Limits = {
  connectMs: 2000,
  answerMs: 10_000,
  lookMs: 15_000,
  inFlight: 32,
  queue: 256,
  openMs: 5000,
  failures: 5,
};
