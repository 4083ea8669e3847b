import { randomBytes } from 'node:crypto';
import type { Clock } from '../exchange.ts';
import type { TentendataKnobs } from './knobs.ts';
import type { TentendataSeed } from './seed.ts';

export interface User {
  readonly uid: string;
  password: string;
  readonly company: string;
  readonly admin: boolean;
  /** Whether requests as this user may come from this address. */
  addressAllowed: boolean;
  lastLoginAt: number;
  /** When wrong passwords were tried. */
  failures: number[];
  /** When its last session was logged out. */
  loggedOutAt: number;
}

/** The settings that the `session` call has written; what was never written is absent. */
export interface Settings {
  readonly inf2na?: string;
  readonly stepwise?: string;
  readonly blocking?: string;
}

export interface Session {
  readonly uid: string;
  readonly sid: string;
  encryptedPassword: string;
  lastUsedAt: number;
  settings: Settings;
  memory: number;
  /** Whether a query runs in it. */
  running: boolean;
}

/** One id in a pool. */
export interface Member {
  readonly uid: string;
  taken: boolean;
  marked: boolean;
  /** Free, and to be logged out before it is handed out again. */
  stale: boolean;
  /** Since when it is taken without a session it once had; the vendor frees it after a while. */
  reservedSince: number | null;
}

export interface Pool {
  readonly gid: string;
  readonly owner: string;
  readonly members: readonly Member[];
}

/** What the memory of a session falls back to when it is cleared, in bytes. */
export const emptyMemory = 4 * 1024 * 1024;

function encryptedPassword(): string {
  return `_______${randomBytes(24).toString('hex')}`;
}

/** Users, pools and sessions of the platform. Time passes only in `settle`. */
export class Platform {
  readonly users = new Map<string, User>();
  readonly pools = new Map<string, Pool>();
  readonly sessions = new Map<string, Session>();
  readonly knobs: Readonly<TentendataKnobs>;
  readonly #clock: Clock;
  // Survives a reset, so that no sid is ever given twice.
  #lastSid = 700_100_199;

  constructor(clock: Clock, knobs: Readonly<TentendataKnobs>) {
    this.#clock = clock;
    this.knobs = knobs;
  }

  now(): number {
    return this.#clock();
  }

  plant(seed: TentendataSeed): void {
    this.users.clear();
    this.pools.clear();
    this.sessions.clear();
    const lastLoginAt = this.now();
    for (const { uid, password, company, admin = false } of seed.users) {
      const state = { addressAllowed: true, lastLoginAt, failures: [], loggedOutAt: -Infinity };
      this.users.set(uid, { uid, password, company, admin, ...state });
    }
    for (const { gid, owner, members } of seed.pools) {
      const planted = members.map(({ uid, taken = false, marked = false }) => {
        return { uid, taken, marked, stale: false, reservedSince: null };
      });
      this.pools.set(gid, { gid, owner, members: planted });
      for (const { uid, loggedIn } of members) if (loggedIn) this.open(uid);
    }
  }

  /** Lets the time that has passed take effect: sessions that idled too long, reservations that are over. */
  settle(): void {
    const now = this.now();
    const idle = this.knobs.idleMinutes * 60_000;
    for (const { uid, lastUsedAt, running } of [...this.sessions.values()]) {
      if (!running && now - lastUsedAt >= idle) this.end(uid, lastUsedAt + idle);
    }
    for (const { members } of this.pools.values()) {
      for (const member of members) {
        if (member.reservedSince === null) continue;
        if (now - member.reservedSince >= this.knobs.reservationMinutes * 60_000) this.free(member);
      }
    }
  }

  open(uid: string): Session {
    const now = this.now();
    const session: Session = {
      uid,
      sid: String(++this.#lastSid),
      encryptedPassword: encryptedPassword(),
      lastUsedAt: now,
      settings: {},
      memory: 12 * emptyMemory,
      running: false,
    };
    this.sessions.set(uid, session);
    for (const member of this.memberships(uid)) member.reservedSince = null;
    return session;
  }

  /** Ends the session of a uid, with the query it may run; an id that is taken stays so, for a while. */
  end(uid: string, at = this.now()): void {
    if (!this.sessions.delete(uid)) return;
    for (const member of this.memberships(uid)) {
      member.marked = false;
      member.stale = false;
      member.reservedSince = member.taken ? at : null;
    }
  }

  free(member: Member): void {
    member.taken = false;
    member.marked = false;
    member.reservedSince = null;
  }

  /** Releases an id as its application would: a marked one is logged out too. False if it was not taken. */
  release(member: Member): boolean {
    if (!member.taken) return false;
    const { marked } = member;
    this.free(member);
    if (marked) this.end(member.uid);
    return true;
  }

  /** Hands out a free id, or none; which one the vendor would choose is not known. */
  handOut(pool: Pool): string | null {
    const member = pool.members.find(({ taken }) => !taken);
    if (!member) return null;
    if (member.stale) this.end(member.uid);
    member.taken = true;
    return member.uid;
  }

  rotate(session: Session): void {
    session.encryptedPassword = encryptedPassword();
  }

  memberships(uid: string): Member[] {
    return [...this.pools.values()].flatMap(({ members }) => members.filter((member) => member.uid === uid));
  }
}
