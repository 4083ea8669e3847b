import type { Clock } from '../../exchange.ts';

/** A session on one component of a node. Times are milliseconds since the epoch. */
export interface Session {
  /** Decimal, often beyond 2^53. */
  readonly id: string;
  readonly pid: string;
  /** `active`, `idle`, `idle in transaction` …; null for what serves nobody. */
  state: string | null;
  /** Null, like the address, for a session that nobody opened. */
  userName: string | null;
  clientIp: string | null;
  clientPort: string | null;
  databaseName: string | null;
  applicationName: string;
  query: string;
  /** The statement that the query is one run of. */
  sqlId: string;
  waitEvent: string;
  waitStatus: string;
  lockMode: string;
  lockTag: string;
  threadName: string;
  startedAt: number;
  /** Null outside a transaction. */
  transactionStartedAt: number | null;
  queryStartedAt: number;
  /** The session that blocks this one, empty if none. */
  blockedBy: string;
}

/** A coordinator, a data node, or one of the parts that have no sessions. */
export interface Component {
  readonly id: string;
  role: 'master' | 'slave' | 'secondary';
  status: string;
  readonly type: 'CN' | 'DN' | 'CM';
  sessions: Session[];
}

interface GaussNode {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly components: readonly Component[];
}

export interface GaussInstance {
  readonly id: string;
  readonly nodes: readonly GaussNode[];
}

/** Makes sessions with ids of their own. */
export type MakeSession = (known?: Partial<Session>) => Session;

/** A maker of sessions that, unless told otherwise, are an hour old and idle for ten minutes. */
export function createSessionMaker(clock: Clock): MakeSession {
  let lastId = 9107199254740993n;
  let lastPort = 40_000;
  return (known = {}) => {
    const now = clock();
    lastId += 17n;
    lastPort = lastPort === 60_000 ? 40_001 : lastPort + 1;
    return {
      id: lastId.toString(),
      pid: (lastId % 100_000n).toString(),
      state: 'idle',
      userName: 'ledger_app',
      clientIp: '10.0.0.21',
      clientPort: String(lastPort),
      databaseName: 'ledger',
      applicationName: 'ledger-api',
      query: 'SELECT 1',
      sqlId: '2718281828',
      waitEvent: 'wait cmd',
      waitStatus: 'wait cmd',
      lockMode: '',
      lockTag: '',
      threadName: 'worker',
      startedAt: now - 3_600_000,
      transactionStartedAt: null,
      queryStartedAt: now - 600_000,
      blockedBy: '',
      ...known,
    };
  };
}
