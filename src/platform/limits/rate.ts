import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateConfig } from './limits.config.js';

/** How somebody stands with a limit. */
export interface Standing {
  readonly isOver: boolean;
  /** How many more fit into this window. */
  readonly left: number;
  /** Milliseconds until there is room again. */
  readonly afterMs: number;
  /** `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers (10) writes them. */
  readonly policy: string;
  readonly told: string;
}

/** So many in a window, counted for each key in this process. */
export class Rate {
  readonly #name: string;
  readonly #limiter: RateLimiterMemory;
  readonly #policy: string;

  constructor(name: string, { requests, seconds }: RateConfig) {
    this.#name = name;
    this.#limiter = new RateLimiterMemory({ points: requests, duration: seconds });
    this.#policy = `"${name}";q=${String(requests)};w=${String(seconds)}`;
  }

  /** Of how many keys something is kept. */
  get size(): number {
    return this.#limiter.dump().storage.length;
  }

  /** Counts one, or more. */
  async take(key: string, count = 1): Promise<Standing> {
    try {
      return this.#standing(await this.#limiter.consume(key, count), false);
    } catch (thrown) {
      if (thrown instanceof RateLimiterRes) return this.#standing(thrown, true);
      throw thrown;
    }
  }

  /** Milliseconds until there is room again; 0 if there is now. Counts nothing. */
  async fullForMs(key: string): Promise<number> {
    const standing = await this.#limiter.get(key);
    return standing && standing.remainingPoints <= 0 ? standing.msBeforeNext : 0;
  }

  /** Counts one less. */
  async giveBack(key: string): Promise<void> {
    await this.#limiter.reward(key);
  }

  #standing({ remainingPoints, msBeforeNext }: RateLimiterRes, isOver: boolean): Standing {
    const seconds = Math.ceil(msBeforeNext / 1000);
    return {
      isOver,
      left: remainingPoints,
      afterMs: msBeforeNext,
      policy: this.#policy,
      told: `"${this.#name}";r=${String(remainingPoints)};t=${String(seconds)}`,
    };
  }
}
