import type { IncomingHttpHeaders } from 'node:http';

/** One request as it arrived, before anybody interpreted it. */
export interface Arrived {
  readonly method: string;
  /** The path as sent, percent-encoding untouched, without the query. */
  readonly path: string;
  /** The query as sent, without the question mark; empty if there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the body becomes bytes: UTF-8, or each character one byte. */
  readonly encoding?: 'utf8' | 'latin1';
}

/** One emulated vendor service: real state behind an HTTP server. */
export interface Emulator {
  /** `1010data`, `iam`, or the name of a Huawei service. */
  readonly vendor: string;
  /**
   * The name of the vendor call, for faults and the journal: `flushpool`, `kill-free-session` …; `unknown` otherwise.
   */
  callOf(arrived: Arrived): string;
  /** How long the vendor takes for that call by itself, in milliseconds; at once if absent. */
  latency?(call: string): number;
  /** Executes the request and answers as the vendor does. State has changed when this is answered. */
  answer(arrived: Arrived): Reply | Promise<Reply>;
}

/** An emulator whose state is its own: it answers at once. */
export interface PromptEmulator extends Emulator {
  answer(arrived: Arrived): Reply;
}

/** Time in milliseconds since the epoch; tests bring their own. Emulators set no timers: they compare. */
export type Clock = () => number;
