import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, Matches, ValidateNested } from 'class-validator';
import { Optional } from '../../../validation/rules.js';
import { TargetConfig } from '../../backend.js';
import { NodeConfig } from '../huawei.config.js';

/** A node whose threads are seen and killed. */
export class TaurusdbNodeConfig extends NodeConfig {
  @Matches(/^[A-Za-z0-9]{32}no07$/, { message: 'must be a node id: 32 letters and digits, then no07' })
  id!: string;
}

/** A TaurusDB instance. */
export class TaurusdbTargetConfig extends TargetConfig {
  @Matches(/^[A-Za-z0-9]{32}in07$/, { message: 'must be an instance id: 32 letters and digits, then in07' })
  instanceId!: string;

  /** Gives nodes names, and narrows the target to these: others that it has are reported. Found if absent. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => TaurusdbNodeConfig)
  nodes?: TaurusdbNodeConfig[];
}
