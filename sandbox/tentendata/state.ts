import type { Clock } from '../exchange.ts';
import type { TentendataKnobs } from './knobs.ts';
import { Platform } from './platform.ts';
import type { Settings } from './platform.ts';
import type { TentendataSeed } from './seed.ts';

/** One id of a pool as it is now. */
export interface MemberView {
  readonly uid: string;
  readonly taken: boolean;
  readonly loggedIn: boolean;
  readonly marked: boolean;
}

/** One session as it is now, with what its holder knows. */
export interface SessionView {
  readonly sid: string;
  readonly encryptedPassword: string;
  readonly settings: Settings;
  readonly memory: number;
  readonly running: boolean;
}

/**
 * The platform seen from inside, at the time of its clock; each method throws an Error about a name it does not know.
 */
export class TentendataState {
  /** May be changed at any time; `reset` restores them. */
  readonly knobs: TentendataKnobs;
  readonly platform: Platform;
  readonly #atStart: Readonly<TentendataKnobs>;
  readonly #seed: TentendataSeed;

  constructor(clock: Clock, knobs: Readonly<TentendataKnobs>, seed: TentendataSeed) {
    this.knobs = { ...knobs };
    this.#atStart = knobs;
    this.#seed = seed;
    this.platform = new Platform(clock, this.knobs);
    this.platform.plant(seed);
  }

  /** Back to the seed and the first knobs; sids given before stay invalid. */
  reset(): void {
    Object.assign(this.knobs, this.#atStart);
    this.platform.plant(this.#seed);
  }

  pool(gid: string): readonly MemberView[] {
    return this.#pool(gid).members.map(({ uid, taken, marked }) => {
      return { uid, taken, loggedIn: this.platform.sessions.has(uid), marked };
    });
  }

  /** The session of a uid, or null if it is logged out. */
  session(uid: string): SessionView | null {
    this.#user(uid);
    const session = this.platform.sessions.get(uid);
    if (!session) return null;
    const { sid, encryptedPassword, settings, memory, running } = session;
    return { sid, encryptedPassword, settings, memory, running };
  }

  /** Takes a free id of a pool as an application would, without logging it in. */
  getuid(gid: string): string {
    const uid = this.platform.handOut(this.#pool(gid));
    if (uid === null) throw new Error(`${gid} has no free id`);
    return uid;
  }

  /** Releases an id as its application would. */
  reluid(gid: string, uid: string): void {
    const member = this.#pool(gid).members.find((one) => one.uid === uid);
    if (!member || !this.platform.release(member)) throw new Error(`${uid} is not taken in ${gid}`);
  }

  /** Logs a uid in as an application would; a session it has stays. */
  login(uid: string): void {
    this.#user(uid);
    if (!this.platform.sessions.has(uid)) this.platform.open(uid);
  }

  logout(uid: string): void {
    this.#user(uid);
    this.platform.end(uid);
  }

  /** Starts a query in the session of a uid, or ends it. */
  run(uid: string, running = true): void {
    this.#user(uid);
    const session = this.platform.sessions.get(uid);
    if (!session) throw new Error(`${uid} is not logged in`);
    session.running = running;
    session.lastUsedAt = this.platform.now();
  }

  /** Whether requests as this uid come from an address that the vendor accepts (else rc 39). */
  allowAddress(uid: string, allowed: boolean): void {
    this.#user(uid).addressAllowed = allowed;
  }

  changePassword(uid: string, password: string): void {
    this.#user(uid).password = password;
  }

  #user(uid: string) {
    this.platform.settle();
    const user = this.platform.users.get(uid);
    if (!user) throw new Error(`there is no uid ${uid}`);
    return user;
  }

  #pool(gid: string) {
    this.platform.settle();
    const pool = this.platform.pools.get(gid);
    if (!pool) throw new Error(`there is no pool ${gid}`);
    return pool;
  }
}
