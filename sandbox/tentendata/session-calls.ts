import type { Arrived } from '../exchange.ts';
import type { Admitted } from './admission.ts';
import { Refused } from './answer.ts';
import type { Answer, Element } from './answer.ts';
import { emptyMemory } from './platform.ts';
import type { Platform, Session, User } from './platform.ts';
import { readSettings } from './settings-input.ts';
import type { Transaction } from './transaction.ts';

function credentialsOf({ sid, encryptedPassword }: Session): readonly Element[] {
  return [
    { name: 'sid', content: sid },
    { name: 'pswd', content: encryptedPassword },
  ];
}

function opened(platform: Platform, user: User): Session {
  const { maxLogins, maxLoginsRc } = platform.knobs;
  const others = [...platform.sessions.keys()].filter((uid) => platform.users.get(uid)?.company === user.company);
  if (maxLogins !== null && others.length >= maxLogins) throw new Refused(maxLoginsRc, 'Too many active logins');
  return platform.open(user.uid);
}

function possessed(platform: Platform, session: Session): Session {
  session.lastUsedAt = platform.now();
  if (platform.knobs.possessRotatesPassword) platform.rotate(session);
  return session;
}

/** `login`: one session a uid; `kill` says what becomes of the one there is. */
export function login(platform: Platform, { kill }: Transaction, { user }: Admitted): Answer {
  const { versionInLogin, authReply, recycleMilliseconds } = platform.knobs;
  const lastLogin = new Date(user.lastLoginAt).toISOString().slice(0, 19).replace('T', ' ');
  const msg = `Last login was: ${lastLogin}`;
  const current = platform.sessions.get(user.uid);
  if (kill === 'auth') {
    return { rc: 0, msg, ...(authReply === 'session' && current ? { before: credentialsOf(current) } : {}) };
  }
  const recycling = platform.now() - user.loggedOutAt < recycleMilliseconds;
  if (kill === 'no' && (current || recycling)) throw new Refused(5);
  if (kill !== 'possess') platform.end(user.uid);
  const session = current && kill === 'possess' ? possessed(platform, current) : opened(platform, user);
  user.lastLoginAt = platform.now();
  user.failures = [];
  const version = { name: 'version', content: 'prime-17.35' };
  return { rc: 0, msg, before: credentialsOf(session), after: versionInLogin ? [version] : [] };
}

/** `logout`: ends the session, and the query it runs unless `kill=no`; a pool id stays reserved. */
export function logout(platform: Platform, { kill }: Transaction, { user, session }: Admitted): Answer {
  if (session?.running && kill === 'no') throw new Refused(38);
  platform.end(user.uid);
  user.loggedOutAt = platform.now();
  return { rc: 0, msg: 'Logged out' };
}

/** `session`: writes the settings of the session; what is left out keeps its last value. */
export function setSession(arrived: Arrived, { session }: Admitted): Answer {
  const settings = readSettings(arrived);
  if (session) session.settings = { ...session.settings, ...settings };
  return { rc: 0, msg: 'Session parameters set' };
}

/** `clear`: frees the workspace of the session. */
export function clear({ session }: Admitted): Answer {
  if (session) session.memory = emptyMemory;
  return { rc: 0, msg: 'OK', after: [{ name: 'memory', content: String(emptyMemory) }] };
}
