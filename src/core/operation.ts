import type { Problem } from './problem.js';
import type { Process } from './process.js';
import type { CallRecord, Effect, Ended, Mode } from './target.js';

export const operationKinds = ['processes.kill', 'sessions.flush', 'sessions.tune'] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationStates = ['planned', 'running', 'succeeded', 'partial', 'failed', 'unknown'] as const;
export type OperationState = (typeof operationStates)[number];

export type ItemOutcome = Ended['outcome'] | 'wouldEnd';

/** One process that a kill is about, as seen just before. What was not seen is null. */
export interface Item extends Pick<
  Process,
  'id' | 'node' | 'user' | 'client' | 'database' | 'application' | 'command' | 'state'
> {
  readonly outcome: ItemOutcome;
  readonly why?: string;
}

/** How many processes came to which end. Null where the vendor gives no count and no listing can tell. */
export type Counts = Readonly<Record<(typeof countNames)[number], number | null>>;
export const countNames = ['ended', 'deferred', 'notFound', 'skipped', 'failed', 'unknown', 'wouldEnd'] as const;

/** What came of an operation on one target. */
export interface TargetOutcome {
  readonly target: string;
  readonly backend: string;
  readonly state: OperationState;
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
  /** The human behind an app, in the caller's word. */
  readonly onBehalfOf: string | null;
  readonly reason: string | null;
  readonly requestId: string;
  readonly createdAt: string;
}

/** The record of one mutating call. */
export interface Operation extends OperationHeader {
  readonly state: OperationState;
  readonly endedAt: string | null;
  readonly counts: Counts;
  readonly targets: readonly TargetOutcome[];
}

/** True only if all that was asked is done and nothing is deferred. */
export function isCompleted(operation: Operation): boolean {
  return operation.targets.every((target) => target.completed);
}
