import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { Optional } from '../validation/rules.js';
import { defaultLimits, type Limits } from './limits.js';
import { ProxyConfig } from './route.config.js';

/** How long Sluice waits for a vendor. */
export class TimeoutsConfig {
  /** Milliseconds to connect. Default 2000. */
  @Optional()
  @IsInt()
  @Min(10)
  @Max(60_000)
  connectMs?: number;

  /** Milliseconds for one answer, from sending to its last byte. Default 10000. */
  @Optional()
  @IsInt()
  @Min(10)
  @Max(120_000)
  answerMs?: number;

  /** Milliseconds for a look at one target. Default 15000. */
  @Optional()
  @IsInt()
  @Min(10)
  @Max(120_000)
  lookMs?: number;
}

/** When Sluice leaves a failing vendor alone. */
export class BreakerConfig {
  /** Milliseconds that an open circuit refuses calls. Default 5000. */
  @Optional()
  @IsInt()
  @Min(10)
  @Max(600_000)
  openMs?: number;

  /** Failures in a row that open it. Default 5. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1000)
  failures?: number;
}

/** How much goes to a vendor at once. */
export class ConcurrencyConfig {
  /** Exchanges side by side; from 8 on, a quarter is left to others by each target. Default 32. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1000)
  inFlight?: number;

  /** Exchanges that may wait: so many of looks, and so many of operations, which go first. Default 256. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  queue?: number;
}

/** What every connection may set about its traffic. */
export class TrafficConfig {
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => TimeoutsConfig)
  timeouts?: TimeoutsConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => BreakerConfig)
  breaker?: BreakerConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ConcurrencyConfig)
  concurrency?: ConcurrencyConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ProxyConfig)
  proxy?: ProxyConfig;

  /**
   * The path of a PEM file with certificates that are trusted beside the default roots. Read with the configuration.
   */
  @Optional()
  @IsString()
  @Length(1, 4096)
  ca?: string;
}

/** The limits of a connection: the defaults, where nothing else is written. */
export function limitsOf({ timeouts = {}, breaker = {}, concurrency = {} }: TrafficConfig): Limits {
  return {
    connectMs: timeouts.connectMs ?? defaultLimits.connectMs,
    answerMs: timeouts.answerMs ?? defaultLimits.answerMs,
    lookMs: timeouts.lookMs ?? defaultLimits.lookMs,
    inFlight: concurrency.inFlight ?? defaultLimits.inFlight,
    queue: concurrency.queue ?? defaultLimits.queue,
    openMs: breaker.openMs ?? defaultLimits.openMs,
    failures: breaker.failures ?? defaultLimits.failures,
  };
}
