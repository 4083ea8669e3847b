import { Failure } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';

/**
 * One request to a vendor, and the reader of its answer. Its URL, headers and body may hold secrets: an exchange is
 * never logged.
 */
export interface Exchange<T = unknown> {
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
  /** Reads an answer of 2xx, or throws Failure: circuits, metrics and health see what it found. */
  readonly read: (answer: Answer, call: Call) => T | Promise<T>;
}

/** An answer. Header names are lower-case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Why the text is not all that the vendor wrote; absent where it is. */
  readonly flaw?: string;
}

/** Sends an exchange and gives what its reader made of the answer, or throws Failure and nothing else. */
export type Send = <T>(exchange: Exchange<T>, call: Call) => Promise<T>;

/** Sends one request and gives its answer of any status, or throws Failure. */
export type Fetch = (exchange: Exchange, call: Call) => Promise<Answer>;

/** One concern around sending. */
export type Wrap = (next: Send) => Send;

/** The text of an answer that must be whole: what was cut or garbled proves nothing about what the vendor did. */
export function wholeText({ text, flaw }: Answer): string {
  if (flaw !== undefined) throw new Failure('upstream-malformed', flaw, { sent: 'perhaps' });
  return text;
}

/** Answers to ordinary calls, and to calls that list. */
export const ordinaryBytes = 256 * 1024;
export const listBytes = 16 * 1024 * 1024;
