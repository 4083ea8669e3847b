import type { OperationEvent, Prepared } from '../model/event.js';
import type { Decision, WaitingOperation } from './approvals.js';
import type { RefusedCalls } from './refused-calls.js';
import type { Pruned, Retention, Usage } from './retention.js';
import type { Notice } from '../model/notice.js';
import type { Acknowledgements } from './acknowledgements.js';
import type { Brakes, CancelRequest } from './brakes.js';
import type { Outbox } from './outbox.js';
import type { Seals } from './seals.js';
import type { Operation, OperationState } from '../model/operation.js';

/** Who looks at operations: his own he sees, and others by the targets that he operates. */
export interface Viewer {
  readonly name: string;
  readonly operates: (target: string) => boolean;
}

/** Which operations to list. Absent members restrict nothing. */
export interface OperationQuery {
  /**
   * Only those that he made or of whose targets he operates any: of those that were asked for, where they were. It
   * spares reading what he may not see, and is not what keeps it from him.
   */
  readonly viewer?: Viewer;
  /** Only those that named any of these targets. */
  readonly targets?: readonly string[];
  readonly kind?: string;
  /** Dry runs alone, which are left out otherwise. */
  readonly dryRun?: true;
  readonly state?: OperationState;
  readonly requestedBy?: string;
  readonly requestId?: string;
  /** Only those that are about this process: it was chosen, or named by the caller. */
  readonly processId?: string;
  /** Milliseconds since the epoch at which they were created: inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly until?: number;
  /** Only those that are older than the one with this id. */
  readonly after?: string;
  readonly limit: number;
}

/**
 * What only one operation can have at a time: a caller's key, or a request that came without one, the use of a plan,
 * the flush of a target. A request is given back soon after its operation has ended.
 */
export interface Claim {
  readonly scope: 'key' | 'request' | 'plan' | 'flush';
  readonly name: string;
  /** What the request under a key was: another one under the same key is noticed. Null where that says nothing. */
  readonly fingerprint: string | null;
  /** Milliseconds since the epoch from which anybody may have it. */
  readonly expiresAt: number;
}

/** For how long a request without a key is still known after its operation has ended, in milliseconds. */
export const requestKeptMs = 30_000;

/** A claim, and the operation that has it. */
export interface Held extends Claim {
  readonly operation: string;
}

/** Kills that an operation takes from the budget of a target: all of them, or it does not begin. */
export interface Spending {
  readonly target: string;
  readonly count: number;
  /** How many a minute there are. */
  readonly perMinute: number;
}

/** What an operation needs besides its record, so that it may begin. */
export interface Terms {
  readonly claims: readonly Claim[];
  readonly spending: readonly Spending[];
  /** It waits for somebody's approval for as long as the lease says: this is all that is written of it until then. */
  readonly awaiting?: Entry;
  /** What receivers are notified of, once it has begun. */
  readonly notices?: readonly Notice[];
}

/** Did an operation begin? If not, nothing of it was written. */
export type OpenResult =
  | { readonly is: 'opened' }
  /** Another operation has what this one claims. */
  | { readonly is: 'held'; readonly held: Held }
  /** So many kills are left in the budget of a target, and so long it takes until there are enough, if ever. */
  | { readonly is: 'spent'; readonly target: string; readonly left: number; readonly retryAfterMs: number | null };

/** Who works on an operation, and until when it must have said so again. */
export interface Lease {
  /** A name that only one life of one process has. */
  readonly owner: string;
  /**
   * Milliseconds since the epoch, by the owner's clock. Replicas that share a server go by its clock: there only the
   * time between counts.
   */
  readonly now: number;
  readonly until: number;
}

/** What is written together: all of it, or nothing. */
export interface Entry {
  /** The position of the first of these events: what is there already, from a try before, is left as it is. */
  readonly from: number;
  readonly events: readonly OperationEvent[];
  /** Who began the operation: what is written counts for them. */
  readonly by?: string;
  /**
   * How the operation stands after these events. Once it is closed its flush claims are given back, and all of them if
   * nothing was done and the same call may come again.
   */
  readonly record?: Operation;
  /** Nothing is left to be done for it: nobody owns it any more. */
  readonly isOver: boolean;
  /** Targets that are done: their flush claims are given back before the operation is closed. */
  readonly freed?: readonly string[];
  /** How many of the kills that it took from a budget may have ended something after all: the rest is given back. */
  readonly used?: readonly { readonly target: string; readonly count: number }[];
  /** What receivers are notified of, once this is written. */
  readonly notices?: readonly Notice[];
}

/** An operation as it is kept. */
export type StoredOperation = { readonly events: readonly OperationEvent[]; readonly operation: Operation };

/**
 * Operations that wait for an approval. Nobody owns them meanwhile. Of all that is decided about one on any replica,
 * one thing is written. It rejects as the journal does.
 */
export interface Approvals {
  /** Takes over an operation to run it. `undefined`: it does not wait any more. Nothing is written unless it opened. */
  approve(decision: Decision, terms: Terms, lease: Lease): Promise<OpenResult | undefined>;
  /** Closes it without running it. False if it does not wait any more. */
  close(decision: Decision, record: Operation): Promise<boolean>;
  /** Those that wait, oldest first: at most a thousand. */
  waiting(now: number): Promise<readonly WaitingOperation[]>;
}

/**
 * Where operations are kept. Whatever cannot be written or read within bounded time rejects with a Failure of the kind
 * `store-unavailable`, which says `isUnsure` where it may have been written all the same; what was written when a
 * promise resolves survives the death of the process.
 */
export interface Journal {
  /** What stops operations that run, or that would begin. */
  readonly brakes: Brakes;
  readonly approvals: Approvals;
  /** What people found out of the unknown. */
  readonly acknowledgements: Acknowledgements;
  /** What receivers are still to be notified of. */
  readonly outbox: Outbox;
  /** Calls that became no operation. */
  readonly refused: RefusedCalls;
  /** What proves the record; absent where it is gone with the process. */
  readonly seals?: Seals;
  /** Begins an operation, which the owner of the lease works on from now on. */
  open(first: Prepared, terms: Terms, lease: Lease): Promise<OpenResult>;
  /**
   * Adds to an operation, in order. Rejects with LeaseLost, and writes nothing, once somebody else owns it or nobody
   * does. Gives the request to cancel it, if there was one by then: what this entry says will be sent must not be sent
   * any more.
   */
  append(operation: string, owner: string, entry: Entry): Promise<CancelRequest | undefined>;
  read(operation: string): Promise<StoredOperation | undefined>;
  /** The operations that fit, newest first, dry runs left out. */
  list(query: OperationQuery): Promise<readonly Operation[]>;
  /** The same without what may be long, as `summaryOf` tells it: however many items they have, few are held at once. */
  summaries(query: OperationQuery): Promise<readonly Operation[]>;
  /** Who has this now; undefined if nobody has. */
  held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined>;
  /** How many kills of the last minute count against a target. */
  spent(target: string, now: number): Promise<number>;
  /** Keeps all that the owner works on. */
  renew(lease: Lease): Promise<void>;
  /** Takes over what nobody keeps any more, at most so many, and gives their ids: each goes to one taker only. */
  adopt(lease: Lease, limit: number): Promise<readonly string[]>;
  /** How many operations created since then are unknown on a target, by its name, and nobody has acknowledged. */
  unsettled(since: number): Promise<ReadonlyMap<string, number>>;
  /** Resolves if something can be written: little, or enough to show that there is room for more. */
  check(now: number, isLarge: boolean): Promise<void>;
  usage(): Promise<Usage>;
  /** Deletes operations that are over and too old, claims and freezes that have ended: at most so many of each. */
  prune(retention: Retention, limit: number): Promise<Pruned>;
  /** Deletes the oldest that are over, until so many bytes are free or so many are deleted, and gives how many. */
  pruneOldest(bytes: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

/** Somebody else took over an operation, since its owner did not say in time that it still works on it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(operation: string) {
    super(`The operation ${operation} is not ours any more.`);
  }
}
