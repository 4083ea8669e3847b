import type { FailureKind } from '../model/failure.js';
import { operationKinds } from '../model/operation.js';
import type { Mode } from '../model/target.js';

/** The calls that change something, as refused ones are told. */
export const refusedKinds = [
  ...operationKinds,
  'operations.acknowledge',
  'operations.cancel',
  'operations.approve',
  'operations.reject',
  'freezes.begin',
  'freezes.end',
] as const;
export type RefusedKind = (typeof refusedKinds)[number];

/** A call that would have changed something, and was refused before there was an operation: without its body. */
export interface Refused {
  readonly kind: RefusedKind;
  readonly mode: Mode | null;
  readonly dryRun: boolean;
  /** Empty if nobody knows. */
  readonly requestedBy: string;
  readonly requestedByName?: string;
  /** The words of its caller, if they are valid. */
  readonly onBehalfOf: string | null;
  readonly reason: string | null;
  readonly requestId: string;
  /** Those of its targets that its caller may see. */
  readonly targets: readonly { readonly target: string; readonly backend: string }[];
  /** These are all that it named. */
  readonly isWhole: boolean;
  readonly problem: {
    readonly code: FailureKind;
    readonly title: string;
    readonly status: number;
    readonly detail: string;
  };
}

/** Like calls of one minute, as the first of them was. Times are milliseconds since the epoch. */
export interface KeptRefusal extends Refused {
  readonly id: string;
  readonly at: number;
  readonly lastAt: number;
  readonly times: number;
}

/** Which refused calls to list. Absent members restrict nothing. */
export interface RefusedQuery {
  /** Only those of this caller. */
  readonly madeBy?: string;
  readonly kind?: string;
  readonly dryRun: boolean;
  readonly requestedBy?: string;
  readonly requestId?: string;
  /** Inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly until?: number;
  /** Only those that are older than the one with this id. */
  readonly after?: string;
  readonly limit: number;
}

/** Refused calls, which are kept for a week. It rejects as the journal does. */
export interface RefusedCalls {
  /** Keeps them, each as it stands by now: one that is kept already has come more often since. */
  keep(calls: readonly KeptRefusal[]): Promise<void>;
  /** Newest first. */
  list(query: RefusedQuery): Promise<readonly KeptRefusal[]>;
}

/** For how many milliseconds they are kept. */
export const refusedKeptMs = 7 * 86_400_000;
