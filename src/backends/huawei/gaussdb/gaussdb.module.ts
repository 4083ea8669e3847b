import { Module } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { protectErrors } from '../../rails.js';
import type { HuaweiConnectionConfig } from '../huawei.config.js';
import type { HuaweiConnection } from '../huawei.connection.js';
import { huawei, identityOf, targetErrors } from '../huawei.vendor.js';
import { GaussdbTargetConfig } from './gaussdb.config.js';
import { gaussdbTarget, nameOf, telling } from './gaussdb.target.js';

/** GaussDB (openGauss): sessions on the components of an instance. */
export const gaussdb: Backend = {
  kind: 'gaussdb',
  vendor: huawei,
  Config: GaussdbTargetConfig,
  check: (config: Partial<GaussdbTargetConfig>, connection: HuaweiConnectionConfig) => {
    const { nodes = [] } = config;
    return [
      ...targetErrors('gaussdb', connection, nodes, nameOf),
      ...protectErrors(config, telling, nodes.map(nameOf)),
    ];
  },
  identity: ({ instanceId }: GaussdbTargetConfig, connection: HuaweiConnectionConfig) =>
    identityOf('gaussdb', connection, instanceId),
  make: (config: GaussdbTargetConfig, connection: HuaweiConnection) => gaussdbTarget(config, connection),
};

@Module({})
export class GaussdbModule {
  static readonly backend = gaussdb;
}
