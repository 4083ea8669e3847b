/** What may be told of a span besides its name and its times: nothing else can get into a trace. */
export interface SpanFacts {
  readonly target?: string;
  readonly backend?: string;
  /** The vendor's name for a call. */
  readonly call?: string;
  /** What kind of operation it is part of, or `look`. */
  readonly kind?: string;
}

/** What somebody who follows a request sees of a part of it. */
export interface Span {
  /** Begins a part of this one. `attempt` is one call to a vendor. */
  child(is: 'target' | 'attempt', name: string, facts: SpanFacts): Span;
  /** Ends it: how it came out, and whether that is bad. Ending it twice does no harm. */
  end(outcome: string, isFailure: boolean): void;
}
