import { Counter, Gauge, type Registry } from 'prom-client';
import { tellConfigError, type InvalidConfiguration } from '../config/errors.js';
import type { Configuration } from '../config/load.js';
import type { ReloadWatcher } from './reload.js';
import type { Logger } from '../telemetry/log.js';

const outcomes = ['ok', 'rejected'] as const;

/** Counts and tells what became of changed configuration files. */
export class ReloadTelemetry implements ReloadWatcher {
  readonly #log: Logger;
  readonly #reloads: Counter;
  readonly #successful: Gauge;
  readonly #timestamp: Gauge;

  constructor(log: Logger, registry: Registry) {
    this.#log = log;
    const registers = [registry];
    this.#reloads = new Counter({
      name: 'sluice_config_reloads_total',
      help: 'Changed configuration files, used or rejected.',
      labelNames: ['outcome'],
      registers,
    });
    this.#successful = new Gauge({
      name: 'sluice_config_last_reload_successful',
      help: '1 if the configuration file is used as it is, 0 if it was rejected and the one before is used.',
      registers,
    });
    this.#timestamp = new Gauge({
      name: 'sluice_config_last_reload_timestamp_seconds',
      help: 'When the configuration that is used was read.',
      registers,
    });
    for (const outcome of outcomes) this.#reloads.inc({ outcome }, 0);
    this.#isUsed();
    this.#timestamp.setToCurrentTime();
  }

  reloaded({ targets, warnings }: Configuration, needRestart: readonly string[]): void {
    this.#reloads.inc({ outcome: 'ok' });
    this.#isUsed();
    this.#timestamp.setToCurrentTime();
    this.#log.info({ targets: targets.length }, 'configuration reloaded');
    for (const warning of warnings) this.#log.warn({ warning }, 'configuration is valid, but odd');
    if (needRestart.length > 0) this.#log.warn({ members: needRestart }, 'configuration needs a restart');
  }

  rejected({ file, errors }: InvalidConfiguration): void {
    this.#reloads.inc({ outcome: 'rejected' });
    this.#successful.set(0);
    const told = errors.map(tellConfigError);
    this.#log.error({ file, errors: told }, 'configuration rejected');
  }

  restored(): void {
    this.#isUsed();
    this.#log.info('configuration is again as it is used');
  }

  #isUsed(): void {
    this.#successful.set(1);
  }
}
