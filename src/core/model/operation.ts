import type { Approval } from './approval.js';
import type { Problem } from './problem.js';
import type { Process, ProcessFacts, Protection } from './process.js';
import type { CallRecord, Effect, Ended, Mode } from './target.js';

/** What an operation can be. */
export const operationKinds = ['processes.kill', 'sessions.flush', 'sessions.tune'] as const;
/** One of them. */
export type OperationKind = (typeof operationKinds)[number];

/** How an operation can stand. */
export const operationStates = [
  'planned',
  'awaitingApproval',
  'rejected',
  'expired',
  'running',
  'succeeded',
  'partial',
  'failed',
  'unknown',
] as const;
/** One of them. */
export type OperationState = (typeof operationStates)[number];

/** What became of a process, or would. */
export type ItemOutcome = Ended['outcome'] | 'wouldEnd';

/** One process that a kill is about, as seen just before. What was not seen is null. */
export interface Item extends Pick<Process, 'id' | 'node'>, ProcessFacts {
  readonly outcome: ItemOutcome;
  readonly why?: string;
  /** Later listings confirmed the outcome. */
  readonly verified: boolean;
  /** Of one whose outcome is unknown: when a list last showed it alive. Null if none did, and for any other outcome. */
  readonly lastSeenAt: string | null;
}

/** How a flush reaches a target: by the vendor's own mass call, or by looking, choosing and killing by id. */
export const strategies = ['native', 'selective'] as const;
export type Strategy = (typeof strategies)[number];

/** How far the marked members of a pool have logged out, as last seen. */
export interface DrainState {
  /** `drained`: all have. `ended`: some had not when the watch was over. `unknown`: no look can tell. */
  readonly state: 'watching' | 'drained' | 'ended' | 'unknown';
  /** How many have not; null where that is unknown. */
  readonly remaining: number | null;
  /** Who has not: at most 1000. */
  readonly ids: readonly string[];
  readonly checkedAt: string | null;
  /** When the watch is over at the latest. */
  readonly until: string | null;
}

/** A process that a dry run tells of. Beyond the first 100 only target, node and id are told. */
export type Foreseen = Pick<Process, 'target' | 'node' | 'id'> & Partial<ProcessFacts>;

/** A call to a vendor that the real call would make. */
export interface ForeseenCall {
  readonly target: string;
  readonly node: string | null;
  /** The vendor's name for it. */
  readonly call: string;
  readonly method: string;
  /** The path with its parameters by name: `/v3/{project_id}/instances/{instance_id}/…`. */
  readonly path: string;
  /** How many ids it carries; null where the vendor chooses. */
  readonly ids: number | null;
}

/** What only a dry run tells. */
export interface Preview {
  /** Everything that the real call would try to end. */
  readonly victims: readonly Foreseen[];
  /** What fits, and is left alone because it is protected: at most 1000. */
  readonly protected: readonly (Foreseen & { readonly why: Protection })[];
  /** In the order in which they would be made, target by target. */
  readonly calls: readonly ForeseenCall[];
  /** The selection in words. */
  readonly filterText: string;
  /** Why the real call would be refused now; null if it would not. */
  readonly refusal: Problem | null;
  /** Ends exactly these victims, once; null where nobody can fix them, and then `planNote` says why. */
  readonly plan: { readonly id: string; readonly expiresAt: string } | null;
  readonly planNote: string | null;
}

/** How many processes came to which end. Null where the vendor gives no count and no listing can tell. */
export type Counts = Readonly<
  Record<'ended' | 'deferred' | 'notFound' | 'skipped' | 'failed' | 'unknown' | 'wouldEnd', number | null>
>;

/** Who is connected now, of a target whose victims only the vendor chooses. */
export interface SessionsNow {
  /** Those that execute something or have a transaction open; of a pool, the ids that are taken. */
  readonly busy: number;
  readonly idle: number;
  readonly connected: number;
  /** All of them were seen. */
  readonly complete: boolean;
  readonly collectedAt: string;
}

/** What came of an operation on one target. */
export interface TargetOutcome {
  readonly target: string;
  readonly backend: string;
  /** The call does not apply to it, and its caller wanted such targets to be left out. Absent of any other. */
  readonly status?: 'skipped';
  /** Why it was left out. */
  readonly why?: string;
  /** Only in a dry run: why its plan fixes nothing here; absent where it does. */
  readonly planNote?: string;
  /** Only in a dry run of a flush by the vendor's own mass call, where one call per node can tell. */
  readonly now?: SessionsNow;
  /** Nodes that the configuration does not name, and that were left alone; absent if there are none. */
  readonly nodesUnseen?: readonly string[];
  readonly state: OperationState;
  /** How a flush reaches it; null for any other call. */
  readonly strategy: Strategy | null;
  readonly effect: Effect;
  /** Milliseconds from the first look to the last answer; null while it runs. */
  readonly durationMs: number | null;
  readonly counts: Counts;
  /** At most 1000; the rest is counted in `itemsOmitted`. */
  readonly items: readonly Item[];
  readonly itemsOmitted: number;
  readonly calls: readonly CallRecord[];
  readonly note: string | null;
  readonly problem: Problem | null;
  /** After the flush of a pool: how far its marked members have logged out. Null otherwise. */
  readonly drain: DrainState | null;
  /** All that was asked of this target is done, and nothing is deferred. */
  readonly completed: boolean;
}

/** Who asked for what, and why: fixed before the first byte goes to a vendor. */
export interface OperationHeader {
  readonly id: string;
  readonly kind: OperationKind;
  /** The mode of a flush, null otherwise. */
  readonly mode: Mode | null;
  readonly dryRun: boolean;
  readonly requestedBy: string;
  /** What its token calls the caller; absent where nothing does. */
  readonly requestedByName?: string;
  /** An emergency: it was carried out as if it had been approved. */
  readonly breakGlass?: true;
  /** The human behind an app, in the caller's word. */
  readonly onBehalfOf: string | null;
  readonly reason: string | null;
  readonly requestId: string;
  readonly createdAt: string;
}

/** Who wanted no more of an operation to be sent. */
export interface Cancellation {
  readonly at: string;
  readonly requestedBy: string;
  readonly reason: string | null;
}

/** Who found out what came of an operation that was unknown, and what that was, in the caller's words. */
export interface Acknowledgement {
  readonly at: string;
  readonly requestedBy: string;
  readonly reason: string;
}

/** The record of one mutating call. */
export interface Operation extends OperationHeader {
  readonly state: OperationState;
  readonly endedAt: string | null;
  readonly counts: Counts;
  readonly targets: readonly TargetOutcome[];
  /** Who stopped it, and why; absent if nobody did. */
  readonly cancelled?: Cancellation;
  /** Absent unless somebody else had to approve it. */
  readonly approval?: Approval;
  /** An earlier request began it: only in the answer to one that repeats it. */
  readonly replayed?: true;
  /** Absent unless somebody found out what nobody could say. */
  readonly acknowledged?: Acknowledgement;
  /** Only a dry run has these members. */
  readonly victims?: Preview['victims'];
  readonly protected?: Preview['protected'];
  readonly calls?: Preview['calls'];
  readonly filterText?: string;
  readonly refusal?: Problem | null;
  readonly plan?: Preview['plan'];
  readonly planNote?: string | null;
}

/** True only if all that was asked is done and nothing is deferred. */
export function isCompleted(operation: Operation): boolean {
  return operation.targets.every((target) => target.completed);
}
