import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { BackendsModule } from './backends/backends.module.js';
import type { Clock } from './core/model/clock.js';
import type { Journal } from './core/record/journal.js';
import { Engine } from './core/engine/engine.js';
import { JOURNAL } from './operations/journal.token.js';
import { OperationsModule } from './operations/operations.module.js';
import { AuthGuard } from './platform/entry/auth.guard.js';
import { BASE_PATH } from './platform/base-path.token.js';
import { CLOCK } from './platform/clock.token.js';
import { CurrentSnapshot } from './platform/live/snapshot.js';
import { RequestLimits } from './platform/limits/request-limits.js';
import { HealthBoard } from './platform/telemetry/health-board.js';
import { ProcessesModule } from './processes/processes.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { TargetsModule } from './targets/targets.module.js';

/** What the application is made of, opened before Nest begins. */
export interface Parts {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly operations: Engine;
  readonly current: CurrentSnapshot;
  readonly limits: RequestLimits;
  readonly health: HealthBoard;
  readonly basePath: string;
}

@Module({})
class PartsModule {}

/** Names the modules. */
@Module({})
export class AppModule {
  static of({ clock, journal, operations, current, limits, health, basePath }: Parts): DynamicModule {
    const providers: Provider[] = [
      { provide: CLOCK, useValue: clock },
      { provide: JOURNAL, useValue: journal },
      { provide: Engine, useValue: operations },
      { provide: CurrentSnapshot, useValue: current },
      { provide: RequestLimits, useValue: limits },
      { provide: HealthBoard, useValue: health },
      { provide: BASE_PATH, useValue: basePath },
    ];
    return {
      module: AppModule,
      imports: [
        { module: PartsModule, global: true, providers, exports: providers },
        BackendsModule,
        TargetsModule,
        ProcessesModule,
        SessionsModule,
        OperationsModule,
      ],
      providers: [{ provide: APP_GUARD, useClass: AuthGuard }],
    };
  }
}
