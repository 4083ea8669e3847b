import type { Clock } from '../../exchange.ts';
import { USER } from '../account.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { Refusal } from '../refusal.ts';

/** Checks the user's password, locks the user after too many wrong ones, and throttles token requests. */
export interface Passwords {
  /** Throws the 429 of a caller who asks too often. */
  throttle(): void;
  /** Throws unless the caller named the user, knows the password, and the user is not locked. */
  check(namesTheUser: boolean, password: string): void;
  reset(): void;
}

/** The check of the account's one user. */
export function createPasswords(clock: Clock, knobs: HuaweiKnobs): Passwords {
  let failures: number[] = [];
  let requests: number[] = [];
  let lockedUntil = 0;

  function countFailure(): void {
    const now = clock();
    const { passwordFailureLimit: limit, passwordLockMs: lockMs } = knobs;
    failures = [...failures.filter((time) => now - time < lockMs), now];
    if (limit === 0 || failures.length < limit) return;
    failures = [];
    lockedUntil = now + lockMs;
  }

  return {
    throttle: () => {
      const { tokenRequestLimit: limit, tokenRequestWindowMs: windowMs } = knobs;
      if (limit === 0) return;
      const now = clock();
      requests = [...requests.filter((time) => now - time < windowMs), now];
      if (requests.length <= limit) return;
      const threshold = `${limit} times per ${windowMs / 1000} seconds`;
      throw new Refusal(429, 'IAM.0012', `The throttling threshold has been reached. Threshold: ${threshold}.`);
    },
    check: (namesTheUser, password) => {
      if (namesTheUser && clock() < lockedUntil) throw new Refusal(401, 'IAM.0061', 'The account is locked.');
      if (namesTheUser && password === USER.password) {
        failures = [];
        return;
      }
      if (namesTheUser) countFailure();
      throw new Refusal(401, 'Unauthorized', 'The username or password is wrong.');
    },
    reset: () => {
      failures = [];
      requests = [];
      lockedUntil = 0;
    },
  };
}
