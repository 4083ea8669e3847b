import type { Acknowledgement } from '../model/operation.js';

/** What people found out of operations that are unknown. It rejects as the journal does. */
export interface Acknowledgements {
  /** Ends the alert of an operation. The first one counts, and is given back. */
  acknowledge(operation: string, found: Acknowledgement): Promise<Acknowledgement>;
  /** Those of these operations, by the id of each. */
  of(operations: readonly string[]): Promise<ReadonlyMap<string, Acknowledgement>>;
}
