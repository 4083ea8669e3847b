/** Of which calls the reason must be told: of all that change something, of forced flushes, or of none. */
export const reasonRules = ['required', 'forced', 'optional'] as const;
export type ReasonRule = (typeof reasonRules)[number];

/** Which calls somebody else must approve first, and how much may be approved. */
export interface ApprovalRules {
  /** Forced flushes. */
  readonly forced: boolean;
  /** Kills that end more than these; Infinity where that says nothing. The share is judged from 10 connected on. */
  readonly above: { readonly processes: number; readonly share: number };
  /** The most processes that one approved kill may end here. */
  readonly most: number;
  /** For how long a call waits for somebody, in milliseconds. */
  readonly waitMs: number;
}
