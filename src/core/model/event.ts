import type { ApprovalEvent } from './approval-event.js';
import type { ListedItem } from './listed-item.js';
import type { DrainState, OperationHeader, Preview, SessionsNow, Strategy } from './operation.js';
import type { Problem } from './problem.js';
import type { CallRecord, Effect, Ended } from './target.js';
import type { BrakeReason, Sent } from './failure.js';

/** What is asked of one target. */
export interface AskedTarget {
  readonly target: string;
  readonly backend: string;
  /** How a flush reaches it, null otherwise. */
  readonly strategy: Strategy | null;
  /** It is left out, since the call does not apply to it. */
  readonly status?: 'skipped';
  readonly why?: string;
  /** A dry run: why its plan fixes nothing here. */
  readonly planNote?: string;
}

/** The first event of every operation: written before the first byte of it goes to a vendor. */
export interface Prepared {
  readonly is: 'prepared';
  readonly at: number;
  readonly header: OperationHeader;
  readonly targets: readonly AskedTarget[];
  /** Until when its caller waits for the answer, in milliseconds since the epoch. */
  readonly answerBy: number;
}

/**
 * What happened in an operation, in order. Folding the events gives its record; storing them is what makes it survive.
 * Times are milliseconds since the epoch.
 */
export type OperationEvent =
  | Prepared
  | {
      /** One node was looked at, and this is what was chosen there. */
      readonly is: 'listed';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly items: readonly ListedItem[];
      /** The caller named these ids: one that is skipped makes its target partial. */
      readonly named: boolean;
      /** Processes that Sluice left out by itself: counted, not listed. */
      readonly leftOut: number;
      /** The vendor's list was whole. */
      readonly complete: boolean;
      /** When it was made; absent of ids that were seen on no node. */
      readonly lookedAt?: number;
    }
  | {
      /** A mutating call is about to be sent: for these ids, or the vendor's own choice. */
      readonly is: 'started';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly call: string;
      readonly ids: readonly string[] | null;
    }
  | {
      readonly is: 'accepted';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly call: CallRecord;
    }
  | {
      readonly is: 'answered';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly call: CallRecord;
      readonly ended: readonly Ended[] | null;
      readonly effect: Effect;
      readonly deferred: number | null;
      readonly uncounted: boolean;
      readonly note: string | null;
    }
  | {
      /** A look (call is null), or a mutating call, did not come to a good end. */
      readonly is: 'failed';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly call: string | null;
      readonly jobId: string | null;
      readonly ids: readonly string[] | null;
      readonly problem: Problem;
      readonly sent: Sent;
    }
  | {
      /** A brake kept these from being sent. */
      readonly is: 'withheld';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly ids: readonly string[];
      readonly why: BrakeReason;
    }
  | {
      readonly is: 'ended';
      readonly at: number;
      readonly target: string;
      readonly note: string | null;
      /** A dry run of the vendor's own mass call: what it would end cannot be counted. */
      readonly unforeseen?: boolean;
      /** Nodes that were left alone, since the configuration does not name them. */
      readonly nodesUnseen?: readonly string[];
      /** Of such a dry run: who is connected now. */
      readonly now?: SessionsNow;
    }
  | {
      /** What a dry run tells, and the plan that it leaves. */
      readonly is: 'planned';
      readonly at: number;
      /** What its caller wrote, member by member. */
      readonly written?: Readonly<Record<string, string>>;
      readonly preview: Preview;
      /** The dry run needed every target, so the use of its plan does. */
      readonly requireAll?: true;
    }
  | {
      /** Nothing more of it is sent. */
      readonly is: 'cancelled';
      readonly at: number;
      readonly requestedBy: string;
      readonly reason: string | null;
    }
  | ApprovalEvent
  | { readonly is: 'closed'; readonly at: number }
  | {
      /**
       * A later listing of a node settled what was unknown there: these ids are gone, or the vendor's mass call had
       * effect.
       */
      readonly is: 'verified';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      /** Null for the mass call. */
      readonly ids: readonly string[] | null;
    }
  | {
      /** A later listing of a node shows these ids, of which it is not known what became. */
      readonly is: 'seen';
      readonly at: number;
      readonly target: string;
      readonly node: string | null;
      readonly ids: readonly string[];
    }
  | {
      /** How far the marked members of a pool have logged out. */
      readonly is: 'drain';
      readonly at: number;
      readonly target: string;
      readonly drain: DrainState;
    }
  /** Nobody watches it any longer. */
  | { readonly is: 'over'; readonly at: number };

/** The events that are about one target. */
export type TargetEvent = Extract<OperationEvent, { readonly target: string }>;
