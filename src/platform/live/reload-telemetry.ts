import { hash } from 'node:crypto';
import { Counter, Gauge, type Registry } from 'prom-client';
import { tellConfigError, type InvalidConfiguration } from '../config/errors.js';
import type { ReloadWatcher, Used } from './reload.js';
import type { Logger } from '../telemetry/log.js';

const outcomes = ['ok', 'rejected'] as const;

/** Counts and tells what became of changed configuration files. */
export class ReloadTelemetry implements ReloadWatcher {
  readonly #log: Logger;
  readonly #reloads: Counter;
  readonly #successful: Gauge;
  readonly #timestamp: Gauge;
  readonly #hash: Gauge;
  readonly #pending: Gauge;

  /** `text` is the file as it was read at start; null if there is none. */
  constructor(log: Logger, registry: Registry, text: string | null) {
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
    this.#hash = new Gauge({
      name: 'sluice_config_hash',
      help: 'A number that tells one configuration file from another: that of the file that is used. 0 without a file.',
      registers,
    });
    this.#pending = new Gauge({
      name: 'sluice_config_pending_hash',
      help: 'A number for what the file says and another start would use; 0 if there is nothing of that kind.',
      registers,
    });
    this.#hash.set(text === null ? 0 : numberOf(text));
    for (const outcome of outcomes) this.#reloads.inc({ outcome }, 0);
    this.#isUsed();
    this.#timestamp.setToCurrentTime();
  }

  reloaded({ configuration: { targets, warnings }, text, needRestart }: Used): void {
    this.#hash.set(numberOf(text));
    this.#pending.set(needRestart.size === 0 ? 0 : numberOf(JSON.stringify([...needRestart])));
    this.#reloads.inc({ outcome: 'ok' });
    this.#isUsed();
    this.#timestamp.setToCurrentTime();
    this.#log.info({ targets: targets.length }, 'configuration reloaded');
    for (const warning of warnings) this.#log.warn({ warning }, 'configuration is valid, but odd');
    if (needRestart.size > 0) this.#log.warn({ members: [...needRestart.keys()] }, 'configuration needs a restart');
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

/** Six bytes of a hash: as many as a number holds exactly. */
function numberOf(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16);
}
