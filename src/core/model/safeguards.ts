import type { ApprovalRules, ReasonRule } from './approval-rules.js';
import type { Selection } from './selection.js';

/** What keeps a target from harm, for every caller. */
export interface Safeguards {
  /** Nothing may be changed. */
  readonly readOnly: boolean;
  /** Processes that are never ended: whatever fits any of these. A fact that is null fits. */
  readonly protect: readonly Selection[];
  /** The most processes that one kill by filter may end here. */
  readonly maxProcesses: number;
  /** The most of those connected that one kill by filter may end, from 0 to 1; judged from 10 connected on. */
  readonly maxShare: number;
  /** The most processes that kills may end in any minute. */
  readonly killsPerMinute: number;
  readonly planSeconds: number;
  readonly reason: ReasonRule;
  readonly approval: ApprovalRules;
}
