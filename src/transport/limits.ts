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

/** Milliseconds that a vendor may take. */
export type Patience = Pick<Limits, 'connectMs' | 'answerMs' | 'lookMs'>;

/**
 * Is this all the time that a vendor may take, or so nearly all that what is missing does not matter? A look never has
 * more than lookMs.
 */
export function isWholeTime(
  { connectMs, answerMs, lookMs }: Patience,
  milliseconds: number,
  isConnected: boolean,
): boolean {
  const nearlyAllMs = 0.9 * Math.min(answerMs, lookMs);
  return milliseconds >= (isConnected ? nearlyAllMs : Math.min(connectMs, nearlyAllMs));
}

/** The limits of a connection that sets none: times in milliseconds. */
export const defaultLimits: Limits = {
  connectMs: 2000,
  answerMs: 10_000,
  lookMs: 15_000,
  inFlight: 32,
  queue: 256,
  openMs: 5000,
  failures: 5,
};
