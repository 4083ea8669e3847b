import type { Failure } from './failure.js';
import type { Fact, Process, ProcessState, Protection, Seen } from './process.js';
import type { Holding } from './room.js';
import type { Safeguards } from './safeguards.js';
import type { NarrowFact, Sought } from './sought.js';
import type { SessionSettings } from './session-settings.js';
import type { Span } from './span.js';
import type { Waiting } from './waiting.js';

/** A place inside a target. A target without nodes has one, whose name is null. */
export interface Node {
  /** The one string that callers know it by: its configured name, else `<id>` or `<id>/<component>`. */
  readonly name: string | null;
  readonly id: string | null;
  readonly component: string | null;
}

/** How a flush ends sessions. */
export type Mode = 'graceful' | 'forced';
/** What the configuration says of a target: names and values. */
export type Labels = Readonly<Record<string, string>>;

/** What one call to a vendor carries along: whose it is, when it must end, what stops it. */
export interface Call {
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the caller stops waiting for the exchange. */
  readonly deadline: number;
  /** Throws Failure if what changes something may not be sent any more: its operation was given up meanwhile. */
  readonly assertMaySend?: () => void;
  /** Where an operation makes room for what it sees of the target. */
  readonly holding?: Holding;
  /** It is part of an operation that somebody waits for: wherever calls wait for their turn, it goes before looks. */
  readonly isUrgent?: boolean;
  /** A look: who blocks whom is wanted, even where that takes calls of its own. */
  readonly asksLocks?: boolean;
  /** What it is part of, where somebody follows that. */
  readonly span?: Span;
  /** What counts the time that the request waits for it; absent where no request does. */
  readonly waiting?: Waiting;
}

/** The processes of one node at one moment. `complete` is false where there may be more than was seen. */
export interface Listing {
  readonly processes: readonly Seen[];
  readonly complete: boolean;
  /** The vendor cut it: it shows more to those who narrow it. */
  readonly isCut?: boolean;
  readonly at: Date;
  /** When it was asked for, where making it takes a while: the ages in it may be of any moment since then. */
  readonly begunAt?: Date;
  /** Up to when ages are counted, by the vendor's clock; absent where the vendor counts them itself. */
  readonly vendorAt?: Date;
}

/** Enough of a process to name it to the vendor, and to know it again. */
export type Ref = Pick<Process, 'id' | 'node' | 'user' | 'client' | 'database'>;

/** The method and the path template of a vendor's call, so that a dry run can tell of it. No secret is in it. */
export interface VendorRoute {
  readonly method: string;
  readonly path: string;
}

/** What the vendor said about one call that was made: kept in the operation's record. */
export interface CallRecord {
  readonly node: string | null;
  readonly call: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
  readonly jobId: string | null;
}

/** What became of one process. `notFound` is only ever the vendor's word. */
export interface Ended {
  readonly id: string;
  readonly outcome: 'ended' | 'notFound' | 'skipped' | 'failed' | 'unknown';
  readonly why?: string;
}

/** What a call did to the sessions that it was about. */
export type Effect = 'ended' | 'deferred' | 'set' | 'none';

/** What a mass call of the vendor's own did, as its answer tells. */
export type Concluded = { readonly call: CallRecord } & (
  | { readonly is: 'ended' | 'set' }
  /** It marked these sessions to end on release: none, if all have ended. */
  | { readonly is: 'marked'; readonly ids: readonly string[] }
  /** It marks sessions, and no list told which: `never` where the vendor has no such list. */
  | { readonly is: 'unlisted'; readonly mayBeListed: 'later' | 'never' }
);

/** The vendor's answer to a mass call: what it did, or a job that must be followed, or a job that failed. */
export type Done =
  | Concluded
  | { readonly is: 'job'; readonly call: CallRecord; readonly job: string }
  | { readonly is: 'failed'; readonly failure: Failure };

/** The vendor's answer to the kill of one batch: one entry for each ref that was given, in the same order. */
export interface Killed {
  readonly call: CallRecord;
  readonly ended: readonly Ended[];
}

/** A mass call of the vendor's own. Per target, it takes null for the whole of it, or each node the caller named. */
export interface Flush {
  /** The vendor's name for it. */
  readonly call: string;
  readonly route: VendorRoute;
  readonly per: 'node' | 'target';
  /** The call that is made for a node instead, where that is another. */
  readonly ofNode?: { readonly call: string; readonly route: VendorRoute };
  /** What the vendor does not promise about it. */
  readonly note?: string;
  run(node: Node | null, call: Call): Promise<Done>;
}

/** How a target ends processes by their ids. */
export interface Kill {
  /** The vendor's name for it. */
  readonly call: string;
  readonly route: VendorRoute;
  /** How many ids the vendor takes in one call. */
  readonly batch: number;
  /**
   * The vendor says of each id whether it was there. Where it does not, an id that a whole list did not show is not
   * sent.
   */
  readonly tellsNotFound: boolean;
  /** The states of processes that the vendor can end; absent where it can end any. */
  readonly states?: ReadonlySet<ProcessState>;
  run(node: Node, refs: readonly Ref[], call: Call): Promise<Killed>;
}

/** How a target changes the settings of a session. */
export interface Tune {
  /** The vendor's name for it. */
  readonly call: string;
  readonly route: VendorRoute;
  readonly note?: string;
  run(settings: SessionSettings, call: Call): Promise<Done>;
}

/**
 * One named thing behind a connection. An absent ability is "cannot do that". A vendor never filters, loops over nodes,
 * cuts batches, follows jobs or folds results: core does, once, for all. Every method throws Failure, and nothing else.
 */
export interface Target {
  readonly name: string;
  readonly backend: string;
  readonly labels: Labels;
  readonly description: string | null;
  readonly safeguards: Safeguards;
  /** What the vendor needs, or what copies data: never ended. Null for any other process. */
  protects(process: Seen): Exclude<Protection, 'configured'> | null;
  /** What its processes tell: a filter on anything else is refused. */
  readonly facts: ReadonlySet<Fact>;
  readonly states: ReadonlySet<ProcessState>;
  /** Can a process of this backend have such an id? Any other is refused before the vendor hears of it. */
  isId(id: string): boolean;
  /** The nodes as configured, null where they are found by asking. */
  readonly configuredNodes: readonly Node[] | null;
  /** Configured, or found and cached. */
  nodes(call: Call): Promise<readonly Node[]>;
  /** Where they are found: as they were found last; null where nobody asked yet. */
  readonly foundNodes?: readonly Node[] | null;
  /** The names of nodes that the vendor tells of and the configuration leaves out; null if unknown. Never rejects. */
  unseenNodes?(call: Call): Promise<readonly string[] | null>;
  /** The facts by whose exact values a look can be narrowed; absent where the vendor cuts no list. */
  readonly narrowsBy?: ReadonlySet<NarrowFact>;
  /** Milliseconds that a look at all of it may take. */
  readonly lookMs: number;
  look?(node: Node, call: Call, sought?: Sought): Promise<Listing>;
  /** One call to the vendor, which changes nothing, is all that a look at a node takes. */
  readonly looksInOneCall?: true;
  readonly kill?: Kill;
  readonly flush?: Partial<Record<Mode, Flush>>;
  /** For how many seconds the members that a flush marked are watched; absent where nothing is marked. */
  readonly drainWatchSeconds?: number;
  /** One poll of a job. */
  follow?(job: string, call: Call): Promise<Done>;
  readonly tune?: Tune;
  /** What ending these processes one by one does not promise, said in the note of a composed flush. */
  readonly gracefulNote?: string;
}
