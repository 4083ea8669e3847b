import { Module } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { protectErrors } from '../../rails.js';
import type { HuaweiConnectionConfig } from '../huawei.config.js';
import type { HuaweiConnection } from '../huawei.connection.js';
import { huawei, identityOf, targetErrors } from '../huawei.vendor.js';
import { DcsTargetConfig } from './dcs.config.js';
import { dcsTarget, nameOf, telling } from './dcs.target.js';

/** DCS for Redis: the clients of an instance. */
export const dcs: Backend = {
  kind: 'dcs',
  vendor: huawei,
  Config: DcsTargetConfig,
  check: (config: DcsTargetConfig, connection: HuaweiConnectionConfig) => {
    const nodes = config.nodes?.map(nameOf) ?? null;
    return [...targetErrors('dcs', connection, config.nodes ?? [], nameOf), ...protectErrors(config, telling, nodes)];
  },
  identity: ({ instanceId }: DcsTargetConfig, connection: HuaweiConnectionConfig) =>
    identityOf('dcs', connection, instanceId),
  make: (config: DcsTargetConfig, connection: HuaweiConnection) => dcsTarget(config, connection),
};

@Module({})
export class DcsModule {
  static readonly backend = dcs;
}
