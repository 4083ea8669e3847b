import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsPositive,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import type { Clock } from '../core/model/clock.js';
import { reasonRules, type ReasonRule } from '../core/model/approval-rules.js';
import type { Labels, Target } from '../core/model/target.js';
import type { TrafficConfig } from '../transport/limits.config.js';
import type { Watchers } from '../transport/send.js';
import { Optional } from '../validation/rules.js';
import { ApprovalConfig } from '../validation/approval.config.js';
import { FilterConfig } from './filter.config.js';

/** What every target is configured with. */
export class TargetConfig {
  /** What callers name it by. */
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    message: 'must be 1 to 63 letters, digits, dots, dashes or underscores',
  })
  name!: string;

  @IsString()
  backend!: string;

  /** The name of the connection that it is behind. */
  @IsString()
  @Length(1, 63)
  connection!: string;

  /** Words for people and programs to sort targets by: up to 32, each at most 128 characters long. */
  @Optional()
  @ValidateBy({
    name: 'labels',
    validator: { validate: isLabels, defaultMessage: () => 'must be a map of at most 32 names to short texts' },
  })
  labels?: Labels;

  @Optional()
  @IsString()
  @Length(1, 500)
  description?: string;

  /**
   * Processes that no caller may end through Sluice: those that fit any of these, and those that do not tell the facts
   * that they are about. At most 100. What docs/protections.md lists is protected anyway.
   */
  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => FilterConfig)
  protect?: FilterConfig[];

  /** The most processes that one kill by filter may end here; more is refused. Default 50. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  maxProcesses?: number;

  /**
   * The most of those connected that one kill by filter may end, above 0 and up to 1, judged from 10 connected on.
   * Default 0.5.
   */
  @Optional()
  @IsPositive()
  @Max(1)
  maxShare?: number;

  /** The most processes that kills may end here in any minute. Default 200. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  killsPerMinute?: number;

  /** For how many seconds the plan of a dry run can be used. Default: `planSeconds` of the gateway, else 120. */
  @Optional()
  @IsInt()
  @Min(30)
  @Max(900)
  planSeconds?: number;

  /** True: nothing may be changed here. Default false. */
  @Optional()
  @IsBoolean()
  readOnly?: boolean;

  /**
   * Of which calls the reason must be told. `required`: of all that change something. `forced`: of forced flushes.
   * `optional`: of none. Default: what `reason` of the gateway says, else `forced`.
   */
  @Optional()
  @IsIn(reasonRules)
  reason?: ReasonRule;

  /** Which calls somebody else must approve first; members that are absent are those of `approval` of the gateway. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ApprovalConfig)
  approval?: ApprovalConfig;
}

function isLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return entries.length <= 32 && entries.every(([, text]) => typeof text === 'string' && text.length <= 128);
}

/** An open connection to a vendor: sockets, credentials, circuits. */
export interface Connection {
  close(): Promise<void>;
}

/** A class that configuration is read into. */
export type Class<T> = new () => T;

/** A vendor, and how a connection to it is configured and opened. */
export interface Vendor {
  readonly vendor: string;
  readonly Config: Class<TrafficConfig>;
  /**
   * What is wrong with a configuration that its members alone do not show. Members that are wrong themselves are not
   * there.
   */
  check(config: TrafficConfig): readonly MemberError[];
  open(name: string, config: TrafficConfig, watchers: Watchers, clock: Clock): Connection;
}

/** What is wrong with a member of a connection or target. */
export interface MemberError {
  /** Where, below the thing that was checked: `endpoints.dcs`. */
  readonly path: string;
  readonly message: string;
  /**
   * Other members that it follows from: told only if they are right. Of a target, `connection.url` is one of its
   * connection.
   */
  readonly by?: readonly string[];
}

/** What a target is at its vendor, in words that are the same however it is written, and the members that tell it. */
export interface Identity {
  readonly text: string;
  /** `connection.url` is a member of its connection. */
  readonly by: readonly string[];
}

/** One kind of target. The list of these is all that the rest of Sluice knows of vendors. */
export interface Backend {
  readonly kind: string;
  readonly vendor: Vendor;
  readonly Config: Class<TargetConfig>;
  /** Like that of the vendor. */
  check(config: TargetConfig, connection: TrafficConfig): readonly MemberError[];
  /** Two targets with the same identity are one thing under two names, which is refused. */
  identity(config: TargetConfig, connection: TrafficConfig): Identity;
  make(config: TargetConfig, connection: Connection): Target;
}
