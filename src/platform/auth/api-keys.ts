import { hash, timingSafeEqual } from 'node:crypto';
import type { Caller, KnownCaller } from '../../core/model/caller.js';
import { Failure } from '../../core/model/failure.js';
import type { ApiKeyConfig } from './auth.config.js';
import { grantOf } from './grants.js';

interface Known {
  readonly digest: Buffer;
  readonly caller: KnownCaller;
}

/** Tells callers by their key. Every key is compared in constant time, and always all of them. */
export class ApiKeys {
  readonly #known: readonly Known[];

  constructor(configs: readonly ApiKeyConfig[]) {
    this.#known = configs.map(({ name, sha256, expiresAt, grants }) => ({
      digest: Buffer.from(sha256, 'hex'),
      caller: {
        name,
        grants: grants.map(grantOf),
        credential: 'apiKey',
        expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
      },
    }));
  }

  /** What is granted to all keys of a name that work now; null if there are none. */
  named(name: string, now: number): Caller | null {
    const known = this.#known.filter(({ caller }) => caller.name === name && caller.expiresAt > now);
    return known.length === 0 ? null : { name, grants: known.flatMap(({ caller }) => caller.grants) };
  }

  /** Throws Failure `unauthenticated` unless the key is known and not expired. */
  callerOf(key: string, now: number): KnownCaller {
    const digest = hash('sha256', key, 'buffer');
    let found: Known | undefined;
    for (const known of this.#known) if (timingSafeEqual(known.digest, digest)) found = known;
    if (!found) throw new Failure('unauthenticated', 'The API key is not known.');
    if (found.caller.expiresAt <= now) throw new Failure('unauthenticated', 'The API key has expired.');
    return found.caller;
  }
}
