import { Type } from 'class-transformer';
import { IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { Optional } from '../../validation/rules.js';

/** So many in any window of so many seconds. */
export class RateConfig {
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  requests!: number;

  /** How long a window lasts. It begins with the first request in it. */
  @IsInt()
  @Min(1)
  @Max(3600)
  seconds!: number;
}

/** So many megabytes (of a million bytes) in any window of so many seconds. */
export class RecordsConfig {
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  megabytes!: number;

  /** How long a window lasts. It begins with what is written first in it. */
  @IsInt()
  @Min(1)
  @Max(3600)
  seconds!: number;
}

/**
 * When a replica refuses requests because it has too much to do: 503 `overloaded`. Health and metrics are always
 * answered.
 */
export class OverloadConfig {
  /** Requests that are answered at once, those that wait for a vendor included. Default 2000. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  inFlight?: number;

  /**
   * Milliseconds that the event loop may be late, on average over half a second, before fewer requests are let in,
   * until it is in time again. Default 100.
   */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  eventLoopDelayMs?: number;
}

/**
 * How much is taken from whom. Every replica counts for itself: what all of them take together is as many times more.
 */
export class LimitsConfig {
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => OverloadConfig)
  overload?: OverloadConfig;

  /** Requests of one caller, by its name. Default 1000 in 10 seconds. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => RateConfig)
  caller?: RateConfig;

  /** Requests that look at one target or change something there, of all callers. Default: any number. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => RateConfig)
  target?: RateConfig;

  /**
   * What is written to the store of the operations of one caller, by its name. Beyond it, the caller begins no new
   * operation until the window is over; what runs goes on. Default 32 megabytes in 60 seconds.
   */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => RecordsConfig)
  records?: RecordsConfig;

  /**
   * Wrong credentials from one address (an IPv6 address counts by its first 64 bits). Beyond it, only credentials that
   * were good before are looked at. Default 120 in 60 seconds. Behind a proxy, `server.trustedProxies` makes it count
   * the callers' addresses.
   */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => RateConfig)
  failedAuthentication?: RateConfig;
}
