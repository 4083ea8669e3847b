import type { ApprovalDecision, ApprovalNeeds } from './approval.js';
import type { CredentialKind } from './caller.js';
import type { ListedItem } from './listed-item.js';
import type { Mode } from './target.js';

/** What of a call its victims do not say. */
export interface ProposedCall {
  readonly mode: Mode;
  readonly node: string | null;
  readonly minIdleSeconds: number | null;
  /** The targets that it reaches by the vendor's own mass call, which fixes nobody. */
  readonly mass: readonly string[];
}

/** What happens to an operation that somebody else must approve, before anything of it is sent. */
export type ApprovalEvent =
  | {
      /** Of a call that is to be approved: what was chosen at one node, as a dry run tells it. */
      readonly is: 'proposed';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly items: readonly ListedItem[];
      readonly named: boolean;
      readonly leftOut: number;
      readonly complete: boolean;
    }
  | {
      /** Somebody else must approve it before anything of it is sent. */
      readonly is: 'awaiting';
      readonly at: number;
      readonly expiresAt: number;
      readonly needs: ApprovalNeeds;
      /** By what its caller was known. */
      readonly credential: CredentialKind | null;
      readonly asked: ProposedCall;
    }
  | {
      /** It was approved, or it is not carried out. */
      readonly is: 'decided';
      readonly at: number;
      readonly decision: ApprovalDecision['is'];
      /** Null where time alone decided. */
      readonly by: string | null;
      readonly reason: string | null;
    };
