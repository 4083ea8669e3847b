import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { BackendsModule } from './backends/backends.module.js';
import type { Clock } from './core/model/clock.js';
import type { Journal } from './core/record/journal.js';
import { Engine } from './core/engine/engine.js';
import { JOURNAL } from './operations/journal.token.js';
import { OperationsModule } from './operations/operations.module.js';
import type { AdmitGuard } from './platform/entry/admit.js';
import { BASE_PATH } from './platform/base-path.token.js';
import { CLOCK } from './platform/clock.token.js';
import { FreezesModule } from './freezes/freezes.module.js';
import { MeModule } from './me/me.module.js';
import { HealthBoard } from './platform/telemetry/health-board.js';
import { ProcessesModule } from './processes/processes.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { TargetsModule } from './targets/targets.module.js';

/** What resources are given, opened before Nest begins. */
export interface ResourceParts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly operations: Engine;
  readonly health: HealthBoard;
  readonly basePath: string;
}

@Module({})
class PartsModule {}

/** Names the modules. */
@Module({})
export class AppModule {
  static of({ clock, journal, operations, health, basePath }: ResourceParts, guard: AdmitGuard): DynamicModule {
    const providers: Provider[] = [
      { provide: CLOCK, useValue: clock },
      { provide: JOURNAL, useValue: journal },
      { provide: Engine, useValue: operations },
      { provide: HealthBoard, useValue: health },
      { provide: BASE_PATH, useValue: basePath },
    ];
    return {
      module: AppModule,
      imports: [
        { module: PartsModule, global: true, providers, exports: providers },
        BackendsModule,
        MeModule,
        TargetsModule,
        ProcessesModule,
        SessionsModule,
        OperationsModule,
        FreezesModule,
      ],
      providers: [{ provide: APP_GUARD, useValue: guard }],
    };
  }
}
