import type { Failure, FailureKind } from '../../core/model/failure.js';

/** An answer that passes no hook. */
export interface Unhooked {
  readonly requestId: string;
  /** Null if it could not be read. */
  readonly method: string | null;
  /** Null if it has no route, or none is known. */
  readonly address: string | null;
  readonly status: number;
  /** What it was refused for; null if that has been told already. */
  readonly failure: Failure | null;
  /** The code of its problem, where `failure` is null. */
  readonly code?: FailureKind | null;
  readonly traceparent?: string | undefined;
}

/** Hears of an answer that passes no hook. */
export type TellUnhooked = (answer: Unhooked) => void;
