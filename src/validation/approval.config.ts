import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsNumber, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { Optional } from './rules.js';

/** How much a kill may end before somebody else must approve it. */
export class ApprovalAboveConfig {
  /** More processes than these on one target, named or chosen by a filter. Default: any number is allowed. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  processes?: number;

  /** More of those connected than this share, 0 to 1, judged from 10 connected on. Default: any share is allowed. */
  @Optional()
  @IsNumber()
  @Min(0)
  @Max(1)
  share?: number;
}

/** Which calls somebody else must approve before they are carried out. */
export class ApprovalConfig {
  /** True: every forced flush. Default false. */
  @Optional()
  @IsBoolean()
  forced?: boolean;

  /** Kills that end more than this. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ApprovalAboveConfig)
  above?: ApprovalAboveConfig;

  /** The most processes that one approved kill may end on a target. Default 1000. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  most?: number;

  /** For how many seconds a call waits for somebody: 30 minutes at most, which is the default. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1800)
  expirySeconds?: number;
}
