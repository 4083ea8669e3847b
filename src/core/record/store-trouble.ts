/** Every reason for which a store cannot be used, each with a sentence that names neither a host nor a secret. */
const sentences = {
  unreachable: 'The server of the store cannot be reached.',
  timeout: 'The store did not answer in time.',
  refused: 'The store does not let Sluice in, or not do this: look at user, password, database and rights.',
  'read-only': 'The store can be read, but not written.',
  full: 'The store has no room left on its disk.',
  busy: 'The store is too busy, or somebody else keeps it locked.',
  removed:
    'The file of the store was removed or replaced while Sluice ran. Start Sluice again to use what is there now.',
  damaged: 'The store is damaged.',
  starting: 'The store has not been reached yet, or its tables are being made.',
  closed: 'The store is closed.',
  other: 'The store failed.',
} as const;

/** Why a store cannot be used, as metrics name it. */
export type StoreTroubleReason = keyof typeof sentences;

/** All of them. */
export const storeTroubleReasons = Object.keys(sentences) as readonly StoreTroubleReason[];

/** Why a store cannot be used. */
export interface StoreTrouble {
  readonly engine: 'SQLite' | 'PostgreSQL';
  readonly reason: StoreTroubleReason;
  /** The engine's code, or that of the operating system. */
  readonly code: string | null;
}

/** The trouble in a sentence that anybody may read. */
export function sentenceOf({ reason }: Pick<StoreTrouble, 'reason'>): string {
  return sentences[reason];
}
