import type { Clock } from '../../core/model/clock.js';
import type { ReceiverConfig } from '../../notify/notify.config.js';
import type { RequestLimits } from '../limits/request-limits.js';
import { forgetSeries } from '../telemetry/forget-series.js';
import type { HealthBoard } from '../telemetry/health-board.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { ReloadTelemetry } from './reload-telemetry.js';
import type { Configuration } from '../config/load.js';
import { tellEnds } from './ends.js';
import { watchPeerCertificates } from './peer-certificates.js';
import { Reload, type Source } from './reload.js';
import { SecretFiles, type SecretHolder } from './secret-files.js';
import type { CurrentSnapshot, Snapshot } from './snapshot.js';

/** What a configuration is brought to life with, and who knows its targets by name. */
export interface LiveParts {
  readonly current: CurrentSnapshot;
  readonly open: (configuration: Configuration, before: Snapshot) => Snapshot;
  readonly limits: RequestLimits;
  readonly notifier: { use(receivers: readonly ReceiverConfig[]): void };
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps the configuration and its secrets as their files say, while everything runs. */
export class LiveConfiguration {
  readonly #parts: LiveParts;
  readonly #secrets: SecretFiles;
  readonly #reload: Reload | null;
  /** Those that are notified, with their secrets. */
  #receivers: readonly SecretHolder[] = [];
  readonly #unwatch: () => void;

  /** Without a source, only secrets are read again. */
  constructor(parts: LiveParts, configuration: Configuration, source: Source | null) {
    const { current, clock, log, metrics } = parts;
    this.#parts = parts;
    const holders = () => [
      ...new Set(current.open.flatMap((snapshot) => [...snapshot.connections.values()])),
      ...this.#receivers,
    ];
    this.#secrets = new SecretFiles(clock, holders, (file, reread) => {
      if (reread === 'changed') log.info({ file }, 'secret read again');
      else log.warn({ file, why: reread }, 'secret cannot be read again: the one before is used');
    });
    const telemetry = new ReloadTelemetry(log, metrics.registry, source?.text ?? null);
    const use = (configuration: Configuration): void => {
      this.#use(configuration);
    };
    this.#tellDrift(configuration);
    this.#unwatch = watchPeerCertificates(metrics.drift.expiry);
    this.#notify(configuration);
    this.#reload = source && new Reload(source, clock, use, telemetry);
  }

  start(): void {
    this.#secrets.start();
    this.#reload?.start();
  }

  /** Uses the file afresh, with all that it refers to. */
  reload(): void {
    this.#reload?.force();
  }

  /** Uses the file as it is now, if that is another than before. Never rejects. */
  async look(): Promise<void> {
    await this.#reload?.look();
  }

  async stop(): Promise<void> {
    this.#secrets.stop();
    this.#unwatch();
    await this.#reload?.stop();
  }

  #use(configuration: Configuration): void {
    const { current, open, limits, metrics, health } = this.#parts;
    const next = open(configuration, current.snapshot);
    limits.use(configuration.limits);
    this.#notify(configuration);
    metrics.startAtZero(next.targets.all);
    this.#tellDrift(configuration);
    const swapped = current.swap(next);
    health.keepOnly(new Set(next.targets.all.map(({ name }) => name)));
    void this.#secrets.look();
    void this.#forget();
    void swapped.then(() => this.#forget());
  }

  #notify({ notify }: Configuration): void {
    this.#receivers = notify.map((config) => ({ config }));
    this.#parts.notifier.use(notify);
  }

  #tellDrift(configuration: Configuration): void {
    const { metrics } = this.#parts;
    tellEnds(configuration, metrics.drift.expiry);
    metrics.drift.issuers.keepOnly(new Set((configuration.auth.jwt ?? []).map(({ issuer }) => issuer)));
  }

  /** What is still used by somebody is still counted. */
  async #forget(): Promise<void> {
    const { current, metrics } = this.#parts;
    const connection = new Set(current.open.flatMap(({ connections }) => [...connections.keys()]));
    metrics.drift.calls.keepOnly(connection);
    await forgetSeries(metrics.registry, {
      target: new Set(current.open.flatMap(({ targets }) => targets.all.map(({ name }) => name))),
      connection,
    });
  }
}
