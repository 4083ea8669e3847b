import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, Matches, ValidateNested } from 'class-validator';
import { Optional } from '../../../validation/rules.js';
import { TargetConfig } from '../../backend.js';
import { NodeConfig } from '../huawei.config.js';

/** A node whose sessions are seen and killed. */
export class GeminidbNodeConfig extends NodeConfig {
  @Matches(/^[A-Za-z0-9]{32}no12$/, { message: 'must be a node id: 32 letters and digits, then no12' })
  id!: string;
}

/** A GeminiDB Redis instance, not of the type Redis Cluster. */
export class GeminidbTargetConfig extends TargetConfig {
  @Matches(/^[A-Za-z0-9]{32}in12$/, { message: 'must be an instance id: 32 letters and digits, then in12' })
  instanceId!: string;

  /** Without them the nodes are found by asking GeminiDB, which tells them of instances with proxies only. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => GeminidbNodeConfig)
  nodes?: GeminidbNodeConfig[];
}
