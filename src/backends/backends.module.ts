import { Module } from '@nestjs/common';
import type { Backend } from './backend.js';
import { DcsModule } from './huawei/dcs/dcs.module.js';
import { GaussdbModule } from './huawei/gaussdb/gaussdb.module.js';
import { GeminidbModule } from './huawei/geminidb/geminidb.module.js';
import { TaurusdbModule } from './huawei/taurusdb/taurusdb.module.js';
import { TentendataModule } from './tentendata/tentendata.module.js';

/** THE list: one module a backend. */
const modules = [TentendataModule, GaussdbModule, TaurusdbModule, DcsModule, GeminidbModule];

/** Every kind of target that Sluice knows. */
export const backends: readonly Backend[] = modules.map((module) => module.backend);

/** Carries a module for each backend. */
@Module({ imports: modules })
export class BackendsModule {}
