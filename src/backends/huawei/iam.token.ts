import type { Clock } from '../../core/model/clock.js';
import { asFailure, Failure, type FailureKind } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';
import type { Wrap } from '../../transport/exchange.js';
import type { IamToken } from './iam.wire.js';

/** How a connection gets its tokens. */
export interface Issuer {
  /** Asks IAM for a token. Throws Failure. */
  readonly ask: (call: Call) => Promise<IamToken>;
  /** Milliseconds that asking may take. */
  readonly askMs: number;
  /** Told whenever IAM was asked. */
  readonly refreshed: (outcome: 'ok' | FailureKind) => void;
  readonly clock: Clock;
  readonly random?: () => number;
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** An IAM that just failed is not asked again at once. */
const quietMs = 1000;
/** One that refuses is asked ever more rarely. */
const longestQuietMs = 60_000;
/**
 * And more rarely yet where it does not accept the password: five of those within 15 minutes lock the user, of all
 * replicas.
 */
const wrongPasswordMs = [10_000, 300_000, 600_000];

/** The token that the calls of one connection share. At most one renewal is under way. */
export class IamTokens {
  readonly #issuer: Issuer;
  #held: Held | null = null;
  #renewal: Promise<Held> | null = null;
  #quiet: { readonly until: number; readonly failure: Failure } | null = null;
  #refusals = 0;

  constructor(issuer: Issuer) {
    this.#issuer = issuer;
  }

  /** A token that should be good. From 80 % of its life on it is renewed, while the old one still serves. */
  async current(call: Call): Promise<string> {
    const held = this.#held;
    const now = this.#issuer.clock.now();
    if (held === null || now >= held.expiresAt) return (await this.#within(this.#renew(call), call)).token;
    // Whoever waits for a renewal hears of its failure; nobody waits for this one.
    if (now >= held.renewAt) this.#renew(call).catch(() => undefined);
    return held.token;
  }

  /** Another token than this one, which was refused: the one that is held by now, or a new one. */
  async instead(refused: string, call: Call): Promise<string> {
    this.drop(refused);
    return this.current(call);
  }

  /** This one was refused: whoever needs a token next gets another. False if it is not the one that is held. */
  drop(refused: string): boolean {
    if (this.#held?.token !== refused) return false;
    this.#held = null;
    return true;
  }

  /** Another password is known by now: IAM may be asked again at once. */
  forgive(): void {
    this.#quiet = null;
    this.#refusals = 0;
  }

  #renew({ requestId, span }: Call): Promise<Held> {
    const { clock, askMs } = this.#issuer;
    if (this.#quiet && clock.now() < this.#quiet.until) return Promise.reject(this.#quiet.failure);
    // It serves many calls, operations among them, so it ends with none of them; it is told as part of the one that
    // needed it first.
    const until = { signal: new AbortController().signal, deadline: clock.now() + askMs };
    const call = { requestId, ...until, isUrgent: true, ...(span ? { span } : {}) };
    this.#renewal ??= this.#ask(call).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #ask(call: Call): Promise<Held> {
    const { clock, random = Math.random, ask, refreshed } = this.#issuer;
    try {
      const grant = await ask(call);
      const now = clock.now();
      const lifeMs = grant.lifeMs(now);
      const renewAt = now + lifeMs * (0.8 - 0.05 * random());
      this.#held = { token: grant.token, renewAt, expiresAt: now + lifeMs };
      this.#refusals = 0;
      this.#quiet = null;
      refreshed('ok');
      return this.#held;
    } catch (thrown) {
      const failure = beforeTheCall(asFailure(thrown));
      this.#quiet = { until: clock.now() + this.#quietFor(failure), failure };
      refreshed(failure.kind);
      throw failure;
    }
  }

  #quietFor({ kind, retryAfterMs = 0, upstream }: Failure): number {
    if (kind !== 'upstream-rejected') return Math.min(Math.max(quietMs, retryAfterMs), longestQuietMs);
    this.#refusals += 1;
    if (upstream?.httpStatus === 401) return wrongPasswordMs[this.#refusals - 1] ?? Math.max(...wrongPasswordMs);
    return Math.min(quietMs * 2 ** (this.#refusals - 1), longestQuietMs);
  }

  /** Waits for a renewal for as long as this call lasts. */
  async #within<T>(renewal: Promise<T>, { signal, deadline }: Call): Promise<T> {
    const { clock } = this.#issuer;
    const over = new AbortController();
    const late = clock.sleep(Math.max(0, deadline - clock.now()), AbortSignal.any([signal, over.signal])).then(() => {
      if (signal.aborted) throw new Failure('request-timeout', 'The caller went away before anything was sent.');
      throw new Failure('upstream-timeout', 'IAM did not give this connection a token in time.');
    });
    try {
      return await Promise.race([renewal, late]);
    } finally {
      over.abort();
    }
  }
}

/** Whatever became of asking IAM: the call itself was never sent. */
function beforeTheCall(failure: Failure): Failure {
  const { kind, message, upstream, retryAfterMs } = failure;
  return new Failure(
    kind === 'upstream-conflict' ? 'upstream-rejected' : kind,
    `IAM gives this connection no token: ${message}`,
    {
      cause: failure,
      sent: 'never',
      ...(upstream ? { upstream } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

/** While a new token was refused like the old one, another one would be too: a wrong region looks like that. */
const fruitlessMs = 10_000;

/**
 * Adds the token to a call, around all its attempts. On an answered 401 it is renewed and the call sent on with the new
 * one, never with a third. Where the service calls it invalid in another way, only the next call gets a new one.
 */
export function tokenWrap(tokens: IamTokens, clock: Clock): Wrap {
  return (next) => {
    let fruitlessUntil = 0;
    let droppedUntil = 0;
    /** It may be in vain: so it is not done again at once. */
    const dropIfInvalid = (token: string, thrown: unknown): void => {
      const now = clock.now();
      if (!isInvalidToken(thrown) || now < Math.max(fruitlessUntil, droppedUntil)) return;
      if (tokens.drop(token)) droppedUntil = now + fruitlessMs;
    };
    return async (exchange, call) => {
      const sendWith = (token: string) =>
        next({ ...exchange, headers: { ...exchange.headers, 'x-auth-token': token } }, call);
      const token = await tokens.current(call);
      try {
        return await sendWith(token);
      } catch (thrown) {
        dropIfInvalid(token, thrown);
        if (!isUnauthenticated(thrown) || clock.now() < fruitlessUntil) throw thrown;
      }
      const other = await tokens.instead(token, call);
      try {
        return await sendWith(other);
      } catch (thrown) {
        if (isUnauthenticated(thrown) || isInvalidToken(thrown)) fruitlessUntil = clock.now() + fruitlessMs;
        throw thrown;
      }
    };
  };
}

/** Were the credentials refused? */
export function isUnauthenticated(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.upstream?.httpStatus === 401;
}

/** Huawei's databases tell "invalid token" by HTTP 403: error codes of the GaussDB and TaurusDB API references. */
function isInvalidToken(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.upstream?.httpStatus === 403 && thrown.upstream.code === 'DBS.280056';
}
