import type { Clock } from '../../exchange.ts';

/** A thread of a TaurusDB node, as in the process list. */
export interface Thread {
  readonly id: bigint;
  user: string;
  /** `address:port`, as MySQL writes it. */
  host: string;
  db: string | null;
  /** `Sleep` waits for its client; anything else is doing something. */
  command: string;
  state: string;
  info: string;
  /** When it began to do what it does, in milliseconds since the epoch. */
  since: number;
  /** The node's own: never listed, and no kill reaches it. */
  readonly internal: boolean;
  /** The thread that holds the lock this one waits for, null if none. */
  blockedBy: bigint | null;
}

/** What a new thread may be told to be; the seconds count from now. */
export interface ThreadWish extends Partial<Omit<Thread, 'since'>> {
  readonly seconds?: number;
}

export interface TaurusNode {
  readonly id: string;
  type: 'master' | 'slave';
  status: string;
  threads: Thread[];
}

export interface TaurusInstance {
  readonly id: string;
  readonly nodes: readonly TaurusNode[];
}

/** Makes threads with ids of their own. */
export type MakeThread = (wish?: ThreadWish) => Thread;

/** A maker of threads that, unless told otherwise, have been asleep for ten minutes. */
export function createThreadMaker(clock: Clock): MakeThread {
  let lastId = 2075424n;
  let lastPort = 50_000;
  return ({ seconds = 600, ...wish } = {}) => {
    if (wish.id === undefined) lastId += 1n;
    lastPort = lastPort === 60_000 ? 50_001 : lastPort + 1;
    return {
      id: lastId,
      user: 'orders_app',
      host: `10.0.1.17:${lastPort}`,
      db: 'orders',
      command: 'Sleep',
      state: '',
      info: '',
      since: clock() - seconds * 1000,
      internal: false,
      blockedBy: null,
      ...wish,
    };
  };
}
