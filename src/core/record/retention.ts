/** How much is kept. */
export interface Usage {
  readonly operations: number;
  /** About how many bytes they take where they are kept. */
  readonly bytes: number;
  /** When the oldest was created, in milliseconds since the epoch; null if there is none. */
  readonly oldestAt: number | null;
}

/** What was deleted because it was too old or had ended. */
export interface Pruned {
  readonly operations: number;
  /** Nothing more is too old: otherwise more of something was left than may be deleted at once. */
  readonly isDone: boolean;
}

/** What is too old to be kept: times are milliseconds since the epoch. */
export interface Retention {
  readonly now: number;
  /** Operations that were created before then. */
  readonly before: number;
  /** Dry runs that were. */
  readonly dryRunsBefore: number;
}
