import { Module } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { protectErrors } from '../../rails.js';
import type { HuaweiConnectionConfig } from '../huawei.config.js';
import type { HuaweiConnection } from '../huawei.connection.js';
import { huawei, identityOf, targetErrors } from '../huawei.vendor.js';
import { TaurusdbTargetConfig } from './taurusdb.config.js';
import { nameOf, taurusdbTarget, telling } from './taurusdb.target.js';

/** TaurusDB (GaussDB for MySQL): user session threads on the nodes of an instance. */
export const taurusdb: Backend = {
  kind: 'taurusdb',
  vendor: huawei,
  Config: TaurusdbTargetConfig,
  check: (config: Partial<TaurusdbTargetConfig>, connection: HuaweiConnectionConfig) => {
    const { nodes = [] } = config;
    return [
      ...targetErrors('taurusdb', connection, nodes, nameOf),
      ...protectErrors(config, telling, nodes.map(nameOf)),
    ];
  },
  identity: ({ instanceId }: TaurusdbTargetConfig, connection: HuaweiConnectionConfig) =>
    identityOf('taurusdb', connection, instanceId),
  make: (config: TaurusdbTargetConfig, connection: HuaweiConnection) => taurusdbTarget(config, connection),
};

@Module({})
export class TaurusdbModule {
  static readonly backend = taurusdb;
}
