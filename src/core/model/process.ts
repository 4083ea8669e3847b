/** What a process is doing. `offline` is a member of a pool that is not logged in. */
export const processStates = ['active', 'idle', 'idleInTransaction', 'offline'] as const;
export type ProcessState = (typeof processStates)[number];

/** Why nobody may end a process through Sluice: the vendor needs it, it copies data, or the configuration says so. */
export const protections = ['vendor', 'replication', 'configured'] as const;
export type Protection = (typeof protections)[number];

/** The facts by which people know a process: every listing, record and dry run tells them. Null: not told. */
export interface ProcessFacts {
  readonly user: string | null;
  readonly client: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly command: string | null;
  readonly state: ProcessState | null;
  readonly idleSeconds: number | null;
  readonly busySeconds: number | null;
  readonly ageSeconds: number | null;
  /** For how long its transaction has been open. */
  readonly transactionSeconds: number | null;
  /** What all executions of its statement share, whatever their values. */
  readonly statementId: string | null;
}

/** The facts of a process of which nothing is told. */
export const noFacts: ProcessFacts = {
  user: null,
  client: null,
  database: null,
  application: null,
  command: null,
  state: null,
  idleSeconds: null,
  busySeconds: null,
  ageSeconds: null,
  transactionSeconds: null,
  statementId: null,
};

/** The facts of a process, and nothing else of it. */
export function factsOf(process: ProcessFacts): ProcessFacts {
  const { user, client, database, application, command, state } = process;
  const { idleSeconds, busySeconds, ageSeconds, transactionSeconds, statementId } = process;
  const clocks = { idleSeconds, busySeconds, ageSeconds, transactionSeconds };
  return { user, client, database, application, command, state, ...clocks, statementId };
}

/** One server-side connection, as the API shows it. What the backend cannot tell is null. */
export interface Process extends ProcessFacts {
  readonly id: string;
  readonly target: string;
  readonly backend: string;
  readonly node: string | null;
  /** What it waits for. */
  readonly waitEvent: string | null;
  /** Who keeps it waiting: ids on the same node, none if nobody does; null where nobody told. */
  readonly blockedBy: readonly string[] | null;
  readonly statement: string | null;
  readonly draining: boolean | null;
  readonly protected: Protection | null;
}

/** A process as a backend tells it. */
export interface Seen extends Omit<Process, 'protected'> {
  /** The vendor's own word for the kind of connection, where only that tells what must be protected. Never shown. */
  readonly connectionType?: string | null;
}

/** What most vendors do not tell. */
export const untold = { transactionSeconds: null, waitEvent: null, blockedBy: null, statementId: null } as const;

/** The facts that text filters apply to: exact, with globs and exclusions. */
export const textFacts = ['user', 'client', 'database', 'application', 'command', 'statementId'] as const;
export type TextFact = (typeof textFacts)[number];

/** The facts that minimum filters apply to, in seconds. */
export const clockFacts = ['idleSeconds', 'busySeconds', 'ageSeconds', 'transactionSeconds'] as const;
export type ClockFact = (typeof clockFacts)[number];

/** What a backend may know about its processes, apart from their id and state. */
export type Fact = TextFact | ClockFact | 'blockedBy';
