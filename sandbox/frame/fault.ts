/** Which requests a fault meets, and how often. */
interface Aim {
  /** `1010data`, `iam`, the name of a Huawei service, `identity`, or `*` (the default). */
  readonly vendor?: string;
  /** The name of the call as the journal writes it, or `*` (the default). */
  readonly call?: string;
  /** Only requests whose path, query or body contains this text. */
  readonly contains?: string;
  /** How many matching requests pass before the first is met; none by default. */
  readonly skip?: number;
  /** How many requests are met; all until cleared, by default. */
  readonly times?: number;
}

/** How the end of a cut answer looks: closed, reset, or nothing more and the connection left open. */
export type CutEnding = 'fin' | 'reset' | 'silence';

/** How the length of a body is announced: `Content-Length`, chunks, or the end of the connection. */
export type Framing = 'length' | 'chunked' | 'close';

/** What goes wrong. `executed` says whether the emulator executes the request before the wrong answer. */
export type Mishap =
  | { readonly kind: 'latency'; readonly milliseconds: number; readonly when?: 'before' | 'after' }
  | { readonly kind: 'throttle'; readonly policy?: 'user' | 'ip'; readonly retryAfter?: string | number }
  | { readonly kind: 'status'; readonly status: 500 | 502 | 503 | 504; readonly executed?: boolean }
  | { readonly kind: 'html'; readonly executed?: boolean }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'reset-after' }
  | { readonly kind: 'fin-after' }
  | { readonly kind: 'silence-before' }
  | { readonly kind: 'silence-after' }
  | { readonly kind: 'cut-body'; readonly framing: Framing; readonly atByte?: number; readonly ending?: CutEnding }
  | { readonly kind: 'slow-body'; readonly millisecondsPerByte: number }
  | { readonly kind: 'too-big'; readonly bytes: number; readonly framing?: 'length' | 'chunked' }
  | { readonly kind: 'wrong-content'; readonly content: WrongContent; readonly executed?: boolean }
  | { readonly kind: 'truncate'; readonly atByte: number }
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: string;
      readonly contentType?: string;
      /** `latin1` writes each character as one byte: any bytes can be told so. */
      readonly encoding?: 'utf8' | 'latin1';
      readonly retryAfter?: string | number;
      readonly executed?: boolean;
    };

/** A body of the wrong kind, in an otherwise successful answer. */
export type WrongContent = 'json' | 'xml' | 'garbage' | 'empty';

export type Fault = Aim & Mishap;

/** A fault that is an answer of its own or a change of one: all but those that only delay. */
export type Disturbance = Exclude<Mishap, { kind: 'latency' }>;

/** Whether the emulator executes the request although this goes wrong. */
export function executes(mishap: Disturbance): boolean {
  switch (mishap.kind) {
    case 'throttle':
    case 'redirect':
    case 'reset-before':
    case 'silence-before':
      return false;
    case 'status':
    case 'html':
    case 'reply':
      return mishap.executed ?? false;
    case 'wrong-content':
      return mishap.executed ?? true;
    default:
      return true;
  }
}
