import { Refused } from './answer.ts';
import type { Platform, Pool, Session, User } from './platform.ts';
import type { Demand, Transaction } from './transaction.ts';

/** Who asks, in which session, about which pool. */
export interface Admitted {
  readonly user: User;
  readonly session: Session | null;
  readonly pool: Pool | null;
}

/** What the vendor's encrypted passwords look like, also those of sessions that are gone. */
const encrypted = /^_{7}[0-9a-f]{32,}$/;

function checkPassword(platform: Platform, { api, uid, password }: Transaction, demand: Demand): User {
  const user = platform.users.get(uid);
  const { throttleAfter, throttleMinutes, wrongPasswordKindRc } = platform.knobs;
  if (user && api === 'login' && throttleAfter !== null) {
    user.failures = user.failures.filter((at) => platform.now() - at < throttleMinutes * 60_000);
    if (user.failures.length >= throttleAfter) throw new Refused(45);
  }
  const isReal = user?.password === password;
  const isEncrypted = encrypted.test(password);
  if (demand.credential === 'session' && user && isReal) throw new Refused(wrongPasswordKindRc);
  const fits = demand.credential === 'real' ? isReal : isEncrypted || (demand.credential === 'either' && isReal);
  if (user && fits) return user;
  if (api === 'login') user?.failures.push(platform.now());
  throw new Refused(4);
}

function sessionOf(platform: Platform, { api, uid, password, sid }: Transaction, user: User): Session | null {
  if (password === user.password) return null;
  const session = platform.sessions.get(uid);
  if (!session || session.sid !== sid || session.encryptedPassword !== password) throw new Refused(35);
  if (session.running && api !== 'logout') {
    if (platform.knobs.parallel === 'busy') throw new Refused(38);
    // It waited for the query to end.
    session.running = false;
  }
  session.lastUsedAt = platform.now();
  return session;
}

function poolOf(platform: Platform, { gid }: Transaction, user: User, demand: Demand): Pool | null {
  if (!demand.group) return null;
  if (gid === null || gid === '') throw new Refused(8, 'Missing gid');
  const pool = platform.pools.get(gid);
  const owner = pool && platform.users.get(pool.owner);
  const speaksForIt = demand.group === 'ownerOrAdmin' && user.admin && owner?.company === user.company;
  if (pool && (pool.owner === user.uid || speaksForIt)) return pool;
  throw new Refused(platform.knobs.notOwnerRc, 'You are not the owner of this group');
}

/** Checks password (4), address (39), session (35) and group (37), in this order; throws the refusal. */
export function admit(platform: Platform, transaction: Transaction, demand: Demand): Admitted {
  const user = checkPassword(platform, transaction, demand);
  if (!user.addressAllowed) throw new Refused(39);
  const session = demand.credential === 'real' ? null : sessionOf(platform, transaction, user);
  return { user, session, pool: poolOf(platform, transaction, user, demand) };
}
