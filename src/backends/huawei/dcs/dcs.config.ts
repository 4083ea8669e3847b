import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, Matches, ValidateNested } from 'class-validator';
import { Optional } from '../../../validation/rules.js';
import { TargetConfig } from '../../backend.js';
import { NodeConfig } from '../huawei.config.js';

/** A node whose clients are seen and killed: a proxy where the instance has proxies, else a data node. */
export class DcsNodeConfig extends NodeConfig {
  @Matches(/^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/, {
    message: 'must be a node id: a UUID, or 32 hexadecimal digits',
  })
  id!: string;
}

/** A DCS instance for Redis 4.0 or later. */
export class DcsTargetConfig extends TargetConfig {
  @Matches(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, { message: 'must be an instance id: a UUID' })
  instanceId!: string;

  /** Gives nodes names, and narrows the target to these: others that it has are reported. Found if absent. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => DcsNodeConfig)
  nodes?: DcsNodeConfig[];
}
