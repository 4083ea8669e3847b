import { createHmac, hash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '../../core/model/failure.js';
import { networkOf } from './address.js';
import type { RateConfig } from './limits.config.js';
import { Rate } from './rate.js';

/** However many addresses there are, so many are told apart: more would let anybody fill the memory. */
const told = 16_384;
/** Of how many credentials it is remembered that they were good. */
const remembered = 10_000;

/**
 * Limits wrong credentials by address. Whoever is beyond the limit is not told any more whether credentials are good,
 * unless they were good before: somebody who guesses behind the same address locks nobody out.
 */
export class FailedAuthentication {
  readonly #good = new Set<string>();
  readonly #salt = randomBytes(16);
  #rate: Rate;

  constructor(config: RateConfig) {
    this.#rate = rateOf(config);
  }

  use(config: RateConfig): void {
    this.#rate = rateOf(config);
  }

  /** How many addresses are told apart at the moment. */
  get size(): number {
    return this.#rate.size;
  }

  /**
   * Throws Failure `rate-limited`, or whatever authenticating throws. Nobody guesses a signature, and a token is new
   * every few minutes: a good one is let in however many wrong ones came from its address.
   */
  async limit<Found>(
    address: string,
    headers: IncomingHttpHeaders,
    authenticate: () => Promise<Found>,
    isSigned: (thrown: unknown) => boolean = () => false,
  ): Promise<Found> {
    const { 'x-api-key': key, authorization } = headers;
    // Nothing is guessed by who shows nothing.
    if (key === undefined && authorization === undefined) return authenticate();
    if (key === undefined) return this.#judge(address, authenticate, isSigned);
    const credential = hash('sha256', `${[key].flat().join(',')}\n${authorization ?? ''}`, 'base64');
    if (!this.#good.has(credential)) return this.#guess(address, credential, authenticate);
    try {
      return await authenticate();
    } catch (thrown) {
      if (isWrong(thrown)) this.#good.delete(credential);
      throw thrown;
    }
  }

  async #judge<Found>(
    address: string,
    authenticate: () => Promise<Found>,
    isSigned: (thrown: unknown) => boolean,
  ): Promise<Found> {
    try {
      return await authenticate();
    } catch (thrown) {
      if (!isWrong(thrown) || isSigned(thrown)) throw thrown;
      const { isOver, afterMs } = await this.#rate.take(this.#bucketOf(address));
      throw isOver ? tooMany(afterMs) : thrown;
    }
  }

  async #guess<Found>(address: string, credential: string, authenticate: () => Promise<Found>): Promise<Found> {
    const [rate, bucket] = [this.#rate, this.#bucketOf(address)];
    const { isOver, afterMs } = await rate.take(bucket);
    if (isOver) throw tooMany(afterMs);
    try {
      const found = await authenticate();
      this.#remember(credential);
      await rate.giveBack(bucket);
      return found;
    } catch (thrown) {
      if (!isWrong(thrown)) await rate.giveBack(bucket);
      throw thrown;
    }
  }

  #remember(credential: string): void {
    this.#good.add(credential);
    const [oldest] = this.#good;
    if (this.#good.size > remembered && oldest !== undefined) this.#good.delete(oldest);
  }

  /** Nobody can tell which addresses share one. */
  #bucketOf(address: string): string {
    return String(createHmac('sha256', this.#salt).update(networkOf(address)).digest().readUInt32BE() % told);
  }
}

function rateOf(config: RateConfig): Rate {
  return new Rate('failed-authentication', config);
}

function tooMany(afterMs: number): Failure {
  return new Failure('rate-limited', 'Too many wrong credentials came from this address.', { retryAfterMs: afterMs });
}

function isWrong(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.kind === 'unauthenticated';
}
