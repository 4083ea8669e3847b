/** One thing that is not as it was written. */
export interface Finding {
  readonly what: 'event' | 'operation' | 'record' | 'search' | 'seal';
  readonly is: 'changed' | 'removed' | 'added';
  /** The operation that it is about; null where it is about a seal. */
  readonly operation: string | null;
  /** The place of the event in its operation, from 0; null where it is about more than one. */
  readonly event: number | null;
  /** The seal that tells so, or that it is about; null before anything is sealed. */
  readonly seal: number | null;
  readonly detail: string;
}

/** What was looked at, as far as it is not wrong. */
export interface VerifiedCounts {
  seals: number;
  /** Operations in seals, and their entries. */
  sealed: number;
  entries: number;
  /** In seals, and deleted since because of age or size. */
  pruned: number;
  /** Those of them that no seal tells to be deleted: the next one does. */
  unannounced: number;
  /** Seals that tell more to be deleted than time alone makes too old: because of size, or a shorter retention. */
  jumps: number;
  /** In no seal yet: their chains alone were looked at. */
  waiting: number;
  /** Begun by a release that writes no hashes. */
  older: number;
  /** Sealed more than ten minutes after they had ended. */
  late: number;
  /** Seals of the audit log that were compared. */
  compared: number;
}
