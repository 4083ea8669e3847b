import type { Freeze } from '../model/freeze.js';

/** A request to send no more of an operation. */
export interface CancelRequest {
  readonly reason: string;
  readonly requestedBy: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What became of a request to cancel: it stands, as the first one said it; it came too late; or there is no such
 * operation.
 */
export type CancelAnswer =
  { readonly is: 'requested'; readonly request: CancelRequest } | { readonly is: 'over' } | { readonly is: 'absent' };

/** What stops operations that run, or that would begin. It rejects as the journal does. */
export interface Brakes {
  /**
   * Asks the replica that works on an operation to send nothing more of it: nothing that is recorded after this is
   * sent.
   */
  requestCancel(operation: string, request: CancelRequest): Promise<CancelAnswer>;
  /** What was asked to be cancelled of what the owner works on, by its id. */
  cancelRequests(owner: string): Promise<ReadonlyMap<string, CancelRequest>>;
  /** Begins a freeze, which all replicas see at once. False if one of this id holds already: then that one does. */
  freeze(freeze: Freeze): Promise<boolean>;
  /** Ends a freeze. False if it does not hold, or not any more. */
  unfreeze(id: string, now: number): Promise<boolean>;
  /** The freezes that hold, oldest first. */
  freezes(now: number): Promise<readonly Freeze[]>;
}
