import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Matches, Max, Min, ValidateNested } from 'class-validator';
import { TrafficConfig } from '../../transport/limits.config.js';
import { SecretReference } from '../../transport/secret.config.js';
import { Optional } from '../../validation/rules.js';
import { SafeUrl } from '../../validation/safe-url.js';
import { TargetConfig } from '../backend.js';

const name = /^[a-z][a-z0-9_]{0,63}$/;

/** A 1010data gateway, and the uid that calls it. */
export class TentendataConnectionConfig extends TrafficConfig {
  @IsString()
  vendor!: '1010data';

  /** The gateway's full address, path included. */
  @SafeUrl('no-query')
  url!: string;

  /** The owner of the pools. A service account without single sign-on. */
  @Matches(name, { message: 'must be a uid: lower-case letters, digits and underscores' })
  uid!: string;

  @IsObject()
  @ValidateNested()
  @Type(() => SecretReference)
  password!: SecretReference;
}

/** A SAM pool; without `pool`, the connection's own uid. */
export class TentendataTargetConfig extends TargetConfig {
  /** The pool's gid. */
  @Optional()
  @Matches(name, { message: 'must be a gid: lower-case letters, digits and underscores' })
  pool?: string;

  /**
   * For how many seconds the ids that a graceful flush marked are watched logging out; 0 for not at all. Default 3600.
   */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(86_400)
  drainWatchSeconds?: number;
}
