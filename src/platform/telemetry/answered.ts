import type { FailureKind } from '../../core/model/failure.js';

/** What is counted of an answer. */
export interface Answered {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** The code of the problem that it is; null if it is none. */
  readonly code: FailureKind | null;
  readonly seconds: number;
  /** Of those, the seconds that were spent waiting for vendors; null where that means nothing. */
  readonly waited: number | null;
}
