import type { Clock } from '../../core/model/clock.js';
import { asFailure, Failure, type FailureKind } from '../../core/model/failure.js';
import type { Call } from '../../core/model/target.js';

/** What IAM gave, and for how many milliseconds it is good. */
export interface IamGrant<T> {
  readonly given: T;
  readonly lifeMs: (now: number) => number;
}

/** How a connection asks IAM for what its calls need. */
export interface Grantor<T> {
  /** What it is, for people: `token`. */
  readonly what: string;
  /** Throws Failure. */
  readonly ask: (call: Call) => Promise<IamGrant<T>>;
  /** Milliseconds that asking may take. */
  readonly askMs: number;
  /** Told whenever IAM was asked. */
  readonly asked: (outcome: 'ok' | FailureKind) => void;
  readonly clock: Clock;
  readonly random?: () => number;
}

interface Held<T> {
  readonly given: T;
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

/** What IAM gives and the calls of one connection share. At most one call to IAM is under way. */
export class FromIam<T> {
  readonly #grantor: Grantor<T>;
  #held: Held<T> | null = null;
  #renewal: Promise<Held<T>> | null = null;
  #quiet: { readonly until: number; readonly failure: Failure } | null = null;
  #refusals = 0;

  constructor(grantor: Grantor<T>) {
    this.#grantor = grantor;
  }

  /** What should be good. From 80 % of its life on it is renewed, while the old one still serves. */
  async current(call: Call): Promise<T> {
    const held = this.#held;
    const now = this.#grantor.clock.now();
    if (held === null || now >= held.expiresAt) return (await this.#within(this.#renew(call), call)).given;
    // Whoever waits for a renewal hears of its failure; nobody waits for this one.
    if (now >= held.renewAt) this.#renew(call).catch(() => undefined);
    return held.given;
  }

  /** Another than this one, which was refused: the one that is held by now, or a new one. */
  async instead(refused: T, call: Call): Promise<T> {
    this.drop(refused);
    return this.current(call);
  }

  /** This one was refused: the next call gets another. False if it is not the one that is held. */
  drop(refused: T): boolean {
    if (this.#held?.given !== refused) return false;
    this.#held = null;
    return true;
  }

  /** Other credentials are known by now: IAM may be asked again at once. */
  forgive(): void {
    this.#quiet = null;
    this.#refusals = 0;
  }

  #renew({ requestId, span }: Call): Promise<Held<T>> {
    const { clock, askMs } = this.#grantor;
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

  async #ask(call: Call): Promise<Held<T>> {
    const { clock, random = Math.random, what, ask, asked } = this.#grantor;
    try {
      const grant = await ask(call);
      const now = clock.now();
      const lifeMs = grant.lifeMs(now);
      const renewAt = now + lifeMs * (0.8 - 0.05 * random());
      this.#held = { given: grant.given, renewAt, expiresAt: now + lifeMs };
      this.#refusals = 0;
      this.#quiet = null;
      asked('ok');
      return this.#held;
    } catch (thrown) {
      const failure = beforeTheCall(asFailure(thrown), what);
      this.#quiet = { until: clock.now() + this.#quietFor(failure), failure };
      asked(failure.kind);
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
  async #within(renewal: Promise<Held<T>>, { signal, deadline }: Call): Promise<Held<T>> {
    const { clock, what } = this.#grantor;
    const over = new AbortController();
    const late = clock.sleep(Math.max(0, deadline - clock.now()), AbortSignal.any([signal, over.signal])).then(() => {
      if (signal.aborted) throw new Failure('request-timeout', 'The caller went away before anything was sent.');
      throw new Failure('upstream-timeout', `IAM did not give this connection its ${what} in time.`);
    });
    try {
      return await Promise.race([renewal, late]);
    } finally {
      over.abort();
    }
  }
}

/** Whatever became of asking IAM: the call itself was never sent. */
function beforeTheCall(failure: Failure, what: string): Failure {
  const { kind, message, upstream, retryAfterMs } = failure;
  return new Failure(
    kind === 'upstream-conflict' ? 'upstream-rejected' : kind,
    `IAM gives this connection no ${what}: ${message}`,
    {
      cause: failure,
      sent: 'never',
      ...(upstream ? { upstream } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}
