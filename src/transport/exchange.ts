import type { Call } from '../core/model/target.js';

/** One request to a vendor. Its URL, headers and body may hold secrets: an exchange is never logged. */
export interface Exchange {
  readonly target: string | null;
  readonly backend: string;
  /** The vendor's name for the call. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Does it end or change something? Then it is never sent twice, whatever happens. */
  readonly mutating: boolean;
  /** How many bytes of an answer are read. */
  readonly maxBytes: number;
  /** What must be removed from whatever is quoted of the answer. */
  readonly secrets?: readonly string[];
}

/** A whole answer, as text. Header names are lower-case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends an exchange and gives its answer, or throws Failure: nothing else ever comes out of the transport. */
export type Send = (exchange: Exchange, call: Call) => Promise<Answer>;

/** One concern around sending. */
export type Wrap = (next: Send) => Send;

/** Answers to ordinary calls, and to calls that list. */
export const ordinaryBytes = 256 * 1024;
export const listBytes = 16 * 1024 * 1024;
