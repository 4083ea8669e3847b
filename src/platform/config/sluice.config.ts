import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { ReceiverConfig } from '../../notify/notify.config.js';
import { ApprovalConfig } from '../../validation/approval.config.js';
import { reasonRules, type ReasonRule } from '../../core/model/approval-rules.js';
import { AuthConfig } from '../auth/auth.config.js';
import { LimitsConfig } from '../limits/limits.config.js';
import { StoreConfig } from '../../store/store.config.js';
import { Optional } from '../../validation/rules.js';
import { ServerConfig } from './server.config.js';

/** The configuration file. What stands below connections and targets depends on their vendor and backend. */
export class SluiceConfig {
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ServerConfig)
  server?: ServerConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => AuthConfig)
  auth?: AuthConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => StoreConfig)
  store?: StoreConfig;

  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsConfig)
  limits?: LimitsConfig;

  /** Connections by their names. */
  @IsObject()
  connections!: Record<string, unknown>;

  @IsArray()
  targets!: unknown[];

  /** True: nothing may be changed on any target, whatever stands there. Default false. */
  @Optional()
  @IsBoolean()
  readOnly?: boolean;

  /** For how many seconds the plan of a dry run can be used, where a target does not say. Default 120. */
  @Optional()
  @IsInt()
  @Min(30)
  @Max(900)
  planSeconds?: number;

  /**
   * Of which calls the reason must be told, where a target does not say. `required`: of all that change something.
   * `forced`: of forced flushes. `optional`: of none. Default `forced`.
   */
  @Optional()
  @IsIn(reasonRules)
  reason?: ReasonRule;

  /** Which calls somebody else must approve first, where a target does not say. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ApprovalConfig)
  approval?: ApprovalConfig;

  /** Who is notified of what, up to 16. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => ReceiverConfig)
  notify?: ReceiverConfig[];
}
