import type { Clock } from '../../exchange.ts';

/** A session of a GeminiDB Redis node, in the terms of Redis' CLIENT LIST. */
export interface GeminiSession {
  readonly id: string;
  readonly addr: string;
  name: string;
  cmd: string;
  db: string;
  fd: string;
  sub: number;
  psub: number;
  /** Commands queued in MULTI; -1 outside of it. */
  multi: number;
  connectedAt: number;
  lastCommandAt: number;
}

/** What a new session may be told to be; the seconds count from now. */
export interface SessionWish extends Partial<Omit<GeminiSession, 'connectedAt' | 'lastCommandAt'>> {
  readonly idleSeconds?: number;
  readonly ageSeconds?: number;
}

/** An instance, and whose sessions it has. */
export interface GeminiInstance {
  readonly id: string;
  /** Only an instance with proxies can be asked as a whole. */
  readonly isProxied: boolean;
  readonly nodes: readonly GeminiNode[];
}

/** A node of an instance. */
export interface GeminiNode {
  readonly id: string;
  sessions: GeminiSession[];
}

/** Makes sessions with ids and addresses of their own. */
export type MakeSession = (wish?: SessionWish) => GeminiSession;

/** A maker of sessions that, unless told otherwise, have been idle for ten minutes. */
export function createSessionMaker(clock: Clock): MakeSession {
  let last = 1130;
  return ({ idleSeconds = 600, ageSeconds = 7200, ...wish } = {}) => {
    last += 1;
    return {
      id: String(last),
      addr: `10.0.5.${String((last % 200) + 10)}:${String(30_000 + (last % 30_000))}`,
      name: 'profiles',
      cmd: 'get',
      db: '0',
      fd: String(last % 1000),
      sub: 0,
      psub: 0,
      multi: -1,
      connectedAt: clock() - ageSeconds * 1000,
      lastCommandAt: clock() - idleSeconds * 1000,
      ...wish,
    };
  };
}
