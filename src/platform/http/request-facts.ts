import type { KnownCaller } from '../../core/model/caller.js';
import type { Span } from '../../core/model/span.js';
import type { FailureKind } from '../../core/model/failure.js';
import type { Targets } from '../../core/model/targets.js';
import { Waiting } from '../../core/model/waiting.js';

/** The span of a request, and what its log lines tell of it. */
export interface RequestSpan extends Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Ends it with what became known of the request. */
  answered(answer: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly requestId: string;
  }): void;
}

/** What the limits allow to one request. */
export interface CallAllowance {
  /** Counts that these targets are used. Throws Failure `rate-limited` if one of them is used too often. */
  draw(targets: readonly string[]): Promise<void>;
  /** Throws Failure `rate-limited` if the caller may not have more written to the record of operations for now. */
  admitRecord(): Promise<void>;
}

/** Who asks, against which snapshot of the configuration. */
export interface Admitted {
  readonly caller: KnownCaller;
  readonly targets: Targets;
  readonly allowance: CallAllowance;
}

/** What is known of one request. Each step of the stack adds what it finds out; it is `request.facts`. */
export class RequestFacts {
  /** Null until it is known who asks. */
  caller: KnownCaller | null = null;
  /** The targets of the configuration that the request goes by; null until it is known who asks. */
  targets: Targets | null = null;
  allowance: CallAllowance | null = null;
  /** Undefined if nobody follows the request. */
  span: RequestSpan | undefined;
  /** The template of its route, never its address, which may hold what was filtered by. */
  route: string;
  /** How long it has waited for vendors. */
  readonly waiting = new Waiting();
  /** The code of the problem that it is answered with; null if with none. */
  code: FailureKind | null = null;
  /** The targets that the request is about without naming them, as its caller sees them. */
  about: readonly string[] = [];
  /** The status that a handler chose; null if it chose none. */
  status: number | null = null;

  constructor(route: string | undefined) {
    this.route = route ?? 'unmatched';
  }

  /** Who asks, once that is known. Throws TypeError before. */
  get admitted(): Admitted {
    const { caller, targets, allowance } = this;
    if (!caller || !targets || !allowance)
      throw new TypeError('A handler that asks for its caller is behind the guard.');
    return { caller, targets, allowance };
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    facts: RequestFacts;
  }
}
