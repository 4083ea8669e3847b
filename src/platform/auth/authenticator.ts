import type { IncomingMessage } from 'node:http';
import type { Caller, KnownCaller, Role } from '../../core/model/caller.js';
import { Failure } from '../../core/model/failure.js';
import { ApiKeys } from './api-keys.js';
import type { AuthConfig } from './auth.config.js';
import { grantOf } from './grants.js';
import { strangeOrigin } from './origin.js';
import { Tokens, type IssuerWatcher } from './tokens.js';

/** Why a caller was not let in: a closed list, for the metrics. */
export const authFailureReasons = ['missing', 'both', 'scheme', 'api-key', 'token', 'keys-unavailable'] as const;
export type AuthFailureReason = (typeof authFailureReasons)[number];

/** Is it the name of a header that says who calls? Of several, Node would take the first and drop the others. */
function isCredential(text: string, index: number): boolean {
  return index % 2 === 0 && /^(?:authorization|x-api-key)$/i.test(text);
}

function anonymousCaller(role: Role): KnownCaller {
  const grants = [grantOf({ role, targets: ['*'] })];
  return { name: 'anonymous', grants, credential: 'anonymous', expiresAt: Infinity };
}

/** Finds out who is calling. */
export class Authenticator {
  readonly #keys: ApiKeys;
  readonly #tokens: Tokens;
  readonly #anonymous: KnownCaller | null;
  readonly #refused: (reason: AuthFailureReason) => void;

  /** What the one before knows of token issuers is taken over. */
  constructor(
    { apiKeys = [], jwt = [], anonymous }: AuthConfig,
    refused: (reason: AuthFailureReason) => void,
    before?: Authenticator,
    keysRead?: IssuerWatcher,
  ) {
    this.#keys = new ApiKeys(apiKeys);
    this.#tokens = new Tokens(jwt, before ? before.#tokens : undefined, keysRead);
    this.#refused = refused;
    this.#anonymous = anonymous === undefined ? null : anonymousCaller(anonymous);
  }

  /** What is granted now to the API keys of a name; null if there are none. */
  named(name: string): Caller | null {
    return this.#keys.named(name, Date.now());
  }

  /** Throws Failure `unauthenticated` unless exactly one credential is given, and it is good. */
  async callerOf({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Promise<KnownCaller> {
    if (rawHeaders.filter(isCredential).length > 1) {
      throw this.#refuse(
        'both',
        new Failure('unauthenticated', 'Send X-API-Key or Authorization, not both, and only once.'),
      );
    }
    const key = headers['x-api-key'];
    const { authorization } = headers;
    const now = Date.now();
    if (typeof key === 'string') return this.#try('api-key', () => this.#keys.callerOf(key, now));
    if (authorization !== undefined) {
      const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
      if (token === undefined) {
        throw this.#refuse('scheme', new Failure('unauthenticated', 'Authorization must be a Bearer token.'));
      }
      return this.#try('token', () => this.#tokens.callerOf(token, now));
    }
    if (this.#anonymous) {
      const why = strangeOrigin(headers);
      if (why === null) return this.#anonymous;
      throw this.#refuse('missing', new Failure('unauthenticated', why));
    }
    throw this.#refuse(
      'missing',
      new Failure('unauthenticated', 'Send an API key in X-API-Key, or a Bearer token in Authorization.'),
    );
  }

  async #try(reason: AuthFailureReason, find: () => KnownCaller | Promise<KnownCaller>): Promise<KnownCaller> {
    try {
      return await find();
    } catch (thrown) {
      const isOutage = thrown instanceof Failure && thrown.kind !== 'unauthenticated';
      throw this.#refuse(isOutage ? 'keys-unavailable' : reason, thrown);
    }
  }

  #refuse(reason: AuthFailureReason, thrown: unknown): unknown {
    this.#refused(reason);
    return thrown;
  }
}
