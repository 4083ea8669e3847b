import type { Admitted } from './admission.ts';
import { Refused } from './answer.ts';
import type { Answer, Element } from './answer.ts';
import type { TentendataKnobs } from './knobs.ts';
import type { Member, Platform, Pool } from './platform.ts';
import type { Transaction } from './transaction.ts';

const done: Answer = { rc: 0, msg: 'OK' };

/** `getuid`: hands out a free id, logged in or not. */
export function getuid(platform: Platform, pool: Pool): Answer {
  const uid = platform.handOut(pool);
  if (uid === null) throw new Refused(platform.knobs.busyRc, 'System busy, please try again');
  return { ...done, after: [{ name: 'uid', content: uid }] };
}

/** `reluid`: releases the id that asks; it stays logged in unless it is marked. */
export function reluid(platform: Platform, { uid, gid }: Transaction, { user }: Admitted): Answer {
  if (platform.knobs.gidRequiredOnReluid && gid === null) throw new Refused(8, 'Missing gid');
  const pools = [...platform.pools.values()].filter((pool) => gid === null || pool.gid === gid);
  const member = pools.flatMap(({ members }) => members).find((one) => one.uid === uid);
  if (!member || !platform.release(member)) throw new Refused(platform.knobs.releaseErrorRc, 'Error releasing uid');
  if (!platform.sessions.has(uid)) user.loggedOutAt = platform.now();
  return done;
}

/** `flushpool`: marks the taken ids; free ones are logged out as the knob says. */
export function flushpool(platform: Platform, { members }: Pool): Answer {
  const { flushFree } = platform.knobs;
  for (const member of members) {
    if (member.taken) member.marked = true;
    else if (flushFree === 'now') platform.end(member.uid);
    else if (flushFree === 'onGetuid') member.stale = platform.sessions.has(member.uid);
  }
  return done;
}

/** `resetpool`: ends every session of the pool and frees every id. */
export function resetpool(platform: Platform, { members }: Pool): Answer {
  for (const member of members) {
    platform.end(member.uid);
    platform.free(member);
  }
  return done;
}

/** `warmpool`: logs in every free id that has no session. */
export function warmpool(platform: Platform, { members }: Pool): Answer {
  for (const member of members) {
    if (member.taken || platform.sessions.has(member.uid) || !platform.users.has(member.uid)) continue;
    platform.open(member.uid);
    member.taken = platform.knobs.warmLeavesBusy;
  }
  return done;
}

function statusOf(platform: Platform, member: Member, shape: TentendataKnobs['samstatusShape']): Element {
  const { uid, taken, marked } = member;
  const loggedIn = platform.sessions.has(uid);
  const digit = (truth: boolean) => (truth ? '1' : '0');
  const word = (truth: boolean) => (truth ? 'yes' : 'no');
  switch (shape) {
    case 'attributes':
      return {
        name: 'user',
        attributes: { uid, loggedin: digit(loggedIn), free: digit(!taken), marked: digit(marked) },
      };
    case 'elements':
      return {
        name: 'user',
        content: [
          { name: 'uid', content: uid },
          { name: 'loggedin', content: digit(loggedIn) },
          { name: 'free', content: digit(!taken) },
          { name: 'marked', content: digit(marked) },
        ],
      };
    case 'words':
      return {
        name: 'id',
        content: uid,
        attributes: { logged_in: word(loggedIn), free: digit(!taken), mark: word(marked) },
      };
  }
}

/** `samstatus`: every id of the pool, as it is now. */
export function samstatus(platform: Platform, { members }: Pool): Answer {
  const { samstatusShape } = platform.knobs;
  const content = members.map((member) => statusOf(platform, member, samstatusShape));
  return { ...done, after: [{ name: 'users', content }] };
}
