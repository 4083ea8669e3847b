import { Failure } from '../../core/model/failure.js';
import { FailedAuthentication } from './failed-authentication.js';
import type { LimitsConfig, RateConfig, RecordsConfig } from './limits.config.js';
import { Rate, type Standing } from './rate.js';
import { Shedding } from './shedding.js';

const defaultCaller: RateConfig = { requests: 1000, seconds: 10 };
const defaultRecords: RecordsConfig = { megabytes: 32, seconds: 60 };
const defaultFailedAuthentication: RateConfig = { requests: 120, seconds: 60 };

/** Tells the answer to a request how its caller stands. */
export type TellStanding = (policy: string, told: string) => void;

/** How much this replica takes, from whom. What stands in a new configuration as before goes on counting. */
export class RequestLimits {
  readonly shedding: Shedding;
  readonly failedAuthentication: FailedAuthentication;
  #config: LimitsConfig;
  #caller: Rate;
  #target: Rate | null;
  #records: Rate;

  constructor(config: LimitsConfig) {
    this.#config = config;
    this.shedding = new Shedding(config.overload);
    this.failedAuthentication = new FailedAuthentication(config.failedAuthentication ?? defaultFailedAuthentication);
    this.#caller = callerRate(config);
    this.#target = targetRate(config);
    this.#records = recordsRate(config);
  }

  /** Goes by another configuration from now on. */
  use(config: LimitsConfig): void {
    const before = this.#config;
    const differs = (member: keyof LimitsConfig): boolean =>
      JSON.stringify(before[member]) !== JSON.stringify(config[member]);
    this.#config = config;
    this.shedding.use(config.overload);
    if (differs('failedAuthentication')) {
      this.failedAuthentication.use(config.failedAuthentication ?? defaultFailedAuthentication);
    }
    if (differs('caller')) this.#caller = callerRate(config);
    if (differs('target')) this.#target = targetRate(config);
    if (differs('records')) this.#records = recordsRate(config);
  }

  /** What one request of this caller may do. */
  allow(caller: string, tell: TellStanding): Allowance {
    return new Allowance(this, caller, this.#caller, this.#target, tell);
  }

  /** So much was written to the store for a caller. */
  async written(caller: string, bytes: number): Promise<void> {
    await this.#records.take(caller, bytes);
  }

  /** Throws Failure `rate-limited` if so much was written for a caller that it may begin nothing more for now. */
  async admitRecord(caller: string): Promise<void> {
    const afterMs = await this.#records.fullForMs(caller);
    if (afterMs === 0) return;
    const { megabytes, seconds } = this.#config.records ?? defaultRecords;
    const most = `${String(megabytes)} MB in ${String(seconds)} s (limits.records)`;
    throw limited(`The record of what ${caller} does grows by more than a caller may write: ${most}.`, { afterMs });
  }
}

/** Counts one request: once for its caller, and once for every target that it uses. */
class Allowance {
  readonly #limits: RequestLimits;
  readonly #name: string;
  readonly #caller: Rate;
  readonly #target: Rate | null;
  readonly #tell: TellStanding;
  #told: Standing | null = null;

  constructor(limits: RequestLimits, name: string, caller: Rate, target: Rate | null, tell: TellStanding) {
    this.#limits = limits;
    this.#name = name;
    this.#caller = caller;
    this.#target = target;
    this.#tell = tell;
  }

  /** Throws Failure `rate-limited` if the caller asks too often. */
  async admit(): Promise<void> {
    const standing = await this.#caller.take(this.#name);
    this.#told = standing;
    this.#tell(standing.policy, standing.told);
    if (standing.isOver) throw limited(`${this.#name} asks more often than a caller may.`, standing);
  }

  /** Throws Failure `rate-limited` if so much was written for the caller that it may begin nothing more for now. */
  admitRecord(): Promise<void> {
    return this.#limits.admitRecord(this.#name);
  }

  /** Counts all of these targets, or none. Throws Failure `rate-limited` if one of them is asked for too often. */
  async draw(targets: readonly string[]): Promise<void> {
    const rate = this.#target;
    if (rate === null) return;
    const drawn = await Promise.all(targets.map(async (target) => ({ target, standing: await rate.take(target) })));
    const [tightest] = drawn.toSorted((one, other) => roomOf(one.standing) - roomOf(other.standing));
    if (!tightest) return;
    const { target, standing } = tightest;
    const told = [...(this.#told ? [this.#told] : []), standing];
    this.#tell(told.map(({ policy }) => policy).join(', '), told.map((one) => one.told).join(', '));
    if (!standing.isOver) return;
    await Promise.all(drawn.map((one) => rate.giveBack(one.target)));
    throw limited(`The target "${target}" is asked for more often than it may be.`, standing);
  }
}

function roomOf({ isOver, left }: Standing): number {
  return isOver ? -1 : left;
}

function limited(message: string, { afterMs }: Pick<Standing, 'afterMs'>): Failure {
  return new Failure('rate-limited', message, { retryAfterMs: afterMs });
}

function callerRate({ caller = defaultCaller }: LimitsConfig): Rate {
  return new Rate('caller', caller);
}

function recordsRate({ records: { megabytes, seconds } = defaultRecords }: LimitsConfig): Rate {
  return new Rate('records', { requests: megabytes * 1_000_000, seconds });
}

function targetRate({ target }: LimitsConfig): Rate | null {
  return target === undefined ? null : new Rate('target', target);
}
