/** What a seal says: of which operations it holds the hashes, and which one it follows. */
export interface Seal {
  readonly number: number;
  /** When it was made, as ISO 8601, by the clock of the store. */
  readonly at: string;
  /** The hash of the seal before it; null of the first there ever was. */
  readonly previous: string | null;
  /** How many operations it holds. */
  readonly operations: number;
  /** The SHA-256 of what it holds of each. */
  readonly digest: string;
  /** When the newest of them was created. */
  readonly newestAt: string;
  /** Operations, and dry runs, that were created before then may be deleted by now, because of age or size. */
  readonly keptSince: string | null;
  readonly dryRunsKeptSince: string | null;
  /** The first seal that is still there. */
  readonly firstSeal: number;
}

/** A seal, and the SHA-256 of all that it says. */
export interface MadeSeal extends Seal {
  readonly hash: string;
}

/** What came of an attempt to seal. */
export type Sealing =
  | { readonly is: 'sealed'; readonly seal: MadeSeal }
  /** Everything that is over is sealed: at this moment, by the clock of the store. */
  | { readonly is: 'done'; readonly at: number }
  /** Another replica made this seal. */
  | { readonly is: 'elsewhere' };

/** The chain of seals of a store: one for all replicas. It rejects as the journal does. */
export interface Seals {
  /** Seals operations that are over and in no seal yet: at most so many, those with the lowest ids. */
  sealNext(now: number, limit: number): Promise<Sealing>;
  /** When the last seal was made, and what time it is, in milliseconds since the epoch. */
  last(now: number): Promise<{ readonly at: number | null; readonly now: number }>;
  /** How many operations are over and in no seal yet. */
  waiting(): Promise<number>;
}
