import type { OperationEvent } from './event.js';
import type { Operation, OperationKind, OperationState } from './operation.js';

/** Which operations to list. Absent members restrict nothing. */
export interface OperationQuery {
  /** Any of these targets. */
  readonly target?: string;
  readonly kind?: OperationKind;
  readonly state?: OperationState;
  readonly requestedBy?: string;
}

/** Where the events of operations are kept. A store that cannot write rejects, and then nothing may be sent. */
export interface Journal {
  append(operation: string, event: OperationEvent): Promise<void>;
  read(operation: string): Promise<Operation | undefined>;
  /** The operations that are kept, newest first, dry runs left out. */
  list(query: OperationQuery): AsyncIterable<Operation> | Iterable<Operation>;
}
