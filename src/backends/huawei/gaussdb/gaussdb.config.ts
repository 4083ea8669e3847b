import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, Matches, ValidateNested } from 'class-validator';
import { Optional } from '../../../validation/rules.js';
import { TargetConfig } from '../../backend.js';
import { NodeConfig } from '../huawei.config.js';

/** A coordinator or data node component on one node. */
export class GaussdbNodeConfig extends NodeConfig {
  @Matches(/^[A-Za-z0-9]{36}$/, { message: 'must be a node id: 36 letters and digits' })
  id!: string;

  /** A coordinator (`cn_5001`) or a data node (`dn_6001`) on that node: other components have no sessions. */
  @Matches(/^(?:cn|dn)_\d{1,10}$/, { message: 'must be the id of a CN or DN component, such as cn_5001' })
  component!: string;
}

/** A GaussDB instance. */
export class GaussdbTargetConfig extends TargetConfig {
  @Matches(/^[A-Za-z0-9]{36}$/, { message: 'must be an instance id: 36 letters and digits' })
  instanceId!: string;

  /** Gives nodes names, and narrows the target to these: others that it has are reported. Found if absent. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => GaussdbNodeConfig)
  nodes?: GaussdbNodeConfig[];
}
