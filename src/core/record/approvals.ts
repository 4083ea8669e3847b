import type { OperationEvent } from '../model/event.js';
import type { Notice } from '../model/notice.js';

/** An operation that waits for somebody's approval. */
export interface WaitingOperation {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Nobody has said anything in time. */
  readonly isDue: boolean;
}

/** What somebody said of an operation that waits, and what is written of it. */
export interface Decision {
  readonly operation: string;
  /** The position of the first of these events. */
  readonly from: number;
  readonly events: readonly OperationEvent[];
  /** It must be due, or it must not. */
  readonly isDue: boolean;
  /** What receivers are notified of, once this is written. */
  readonly notices?: readonly Notice[];
}
