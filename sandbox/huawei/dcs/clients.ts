import type { Clock } from '../../exchange.ts';
import { rowId } from '../knobs.ts';
import type { HuaweiKnobs } from '../knobs.ts';

/** A client of a cache node, in the terms of Redis' CLIENT LIST. */
export interface CacheClient {
  readonly id: string;
  /** The address the node sees, often one of the cloud's own. */
  addr: string;
  /** The address that a kill names. */
  readonly peer: string;
  name: string;
  user: string;
  db: string;
  cmd: string;
  /** `N`, or letters: P subscribed, b blocked, x in MULTI, S a replica, M the master, O monitoring. */
  flags: string;
  sub: number;
  psub: number;
  /** Commands queued in MULTI; -1 outside of it. */
  multi: number;
  connectedAt: number;
  lastCommandAt: number;
}

/** What a new client may be told to be; the seconds count from now. */
export interface ClientWish extends Partial<Omit<CacheClient, 'connectedAt' | 'lastCommandAt'>> {
  readonly ageSeconds?: number;
  readonly idleSeconds?: number;
}

/** What one scan saw of a node. */
interface ClientListing {
  readonly takenAt: number;
  readonly rows: readonly ClientRow[];
}

export interface CacheNode {
  /** A UUID or 32 hexadecimal digits. */
  readonly id: string;
  type: 'master' | 'slave' | 'proxy';
  /** `Active`, or `Creating`, `Inactive`, `Deleting`, `AddSharding`. */
  status: string;
  readonly ip: string;
  clients: CacheClient[];
  /** Null until the first scan is done. */
  listing: ClientListing | null;
}

export interface CacheInstance {
  readonly id: string;
  readonly nodes: readonly CacheNode[];
}

/** A client as the API lists it. */
export type ClientRow = Readonly<Record<string, string | number | bigint>>;

/** Makes clients with ids and ports of their own. */
export type MakeClient = (wish?: ClientWish) => CacheClient;

/** A maker of clients that, unless told otherwise, have been idle for five of their sixty minutes. */
export function createClientMaker(clock: Clock): MakeClient {
  let lastId = 11_600;
  let lastPort = 33_000;
  return ({ ageSeconds = 3600, idleSeconds = 300, ...wish } = {}) => {
    lastId += 1;
    lastPort = lastPort === 60_000 ? 33_001 : lastPort + 1;
    return {
      id: String(lastId),
      addr: `198.19.131.14:${lastPort}`,
      peer: `10.0.3.21:${lastPort}`,
      name: 'carts',
      user: 'default',
      db: '0',
      cmd: 'get',
      flags: 'N',
      sub: 0,
      psub: 0,
      multi: -1,
      connectedAt: clock() - Math.max(ageSeconds, idleSeconds) * 1000,
      lastCommandAt: clock() - idleSeconds * 1000,
      ...wish,
    };
  };
}

/** The row of a client as it is at that time, ids written as by the knobs. */
export function clientRow(
  client: CacheClient,
  { now, index, node, knobs }: { now: number; index: number; node: CacheNode; knobs: HuaweiKnobs },
): ClientRow {
  const { connectedAt, lastCommandAt, peer, id, ...known } = client;
  const hasPeer = index >= knobs.rowsWithoutIds && (node.type !== 'proxy' || knobs.proxyPeers);
  return {
    id: rowId({ ...knobs, rowsWithoutIds: 0 }, index, id, 'strings') ?? id,
    ...known,
    ...(hasPeer && { peer }),
    fd: String(8 + (Number(id) % 1000)),
    age: secondsSince(connectedAt, now),
    idle: secondsSince(lastCommandAt, now),
    qbuf: 0,
    qbuf_free: 0,
    obl: 0,
    oll: 0,
    omem: 0,
    events: 'r',
    network: 'vpc',
  };
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 1000));
}
