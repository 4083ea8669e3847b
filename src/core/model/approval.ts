/** Who may approve an operation: somebody else who may do so on all of its targets. */
export interface ApprovalNeeds {
  readonly action: 'approve';
  readonly targets: readonly string[];
  /** Who may not: who asked for it, and on whose behalf. */
  readonly notBy: readonly string[];
}

/** What somebody said of an operation that waited. */
export interface ApprovalDecision {
  /** `withdrawn`: its own caller did not want it any more. `expired`: nobody said anything in time. */
  readonly is: 'approved' | 'rejected' | 'withdrawn' | 'expired';
  readonly at: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** Of an operation that somebody else had to approve. */
export interface Approval {
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly needs: ApprovalNeeds;
  /** Null while it waits. */
  readonly decision: ApprovalDecision | null;
}
