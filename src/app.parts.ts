import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { Engine } from './core/engine/engine.js';
import type { LeaseTimes } from './core/engine/leases.js';
import { systemClock, type Clock } from './core/model/clock.js';
import { RefusedLog } from './core/record/refused-log.js';
import type { Journal } from './core/record/journal.js';
import { Notifier } from './notify/notifier.js';
import type { Configuration } from './platform/config/load.js';
import { RequestLimits } from './platform/limits/request-limits.js';
import { LiveConfiguration } from './platform/live/live-configuration.js';
import type { Source } from './platform/live/reload.js';
import { CurrentSnapshot, openSnapshot, type Snapshot } from './platform/live/snapshot.js';
import { watchersOf } from './platform/live/watchers.js';
import { Audit } from './platform/telemetry/audit.js';
import { HealthBoard } from './platform/telemetry/health-board.js';
import type { Logger } from './platform/telemetry/log.js';
import { Metrics } from './platform/telemetry/metrics.js';
import { NotifyMetrics } from './platform/telemetry/notify-metrics.js';
import { tellNotifications } from './platform/telemetry/notify-telemetry.js';
import type { Tracer } from './platform/telemetry/request-trace.js';
import { isStoreDown, tellStore } from './platform/telemetry/store-telemetry.js';
import { openJournal } from './store/open.js';
import type { StoreObserver } from './store/sql/tables.js';
import { StoreWatch } from './store/store-watch.js';

/** The version of this program. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Of the heap, so much is there for each process that operations see at once: a third of it is what they need. */
const heapBytesEach = 3000;

/** What an application may be given besides its configuration. */
export interface Extras {
  /** Where the configuration came from: it is followed from then on. */
  readonly source?: Source;
  /** Follows requests. */
  readonly tracer?: Tracer;
  /** Shorter ones, for tests. */
  readonly leases?: LeaseTimes;
}

/** What an application works with, whatever serves it. */
export interface Parts {
  readonly log: Logger;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly operations: Engine;
  readonly limits: RequestLimits;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  readonly audit: Audit;
  readonly current: CurrentSnapshot;
  readonly live: LiveConfiguration;
  readonly storeWatch: StoreWatch;
  readonly refused: RefusedLog;
  readonly notifier: Notifier;
}

/** Opens the store, brings the configuration to life, and tells logs and metrics what becomes of operations. */
export async function openParts(configuration: Configuration, log: Logger, { source, leases }: Extras): Promise<Parts> {
  const clock = systemClock;
  const limits = new RequestLimits(configuration.limits);
  const observe: StoreObserver = (operation, seconds, reason) => {
    metrics.store.asked(operation, seconds, reason);
    if (reason !== null && operation !== 'check') storeWatch.suspect(reason === 'full');
  };
  const journal = await openJournal(configuration.store, observe, (caller, bytes) => {
    metrics.store.wrote(bytes);
    void limits.written(caller, bytes);
  });
  // Waits leave most of the room to others: a quarter to one caller, half to all of them.
  const mostWaiting = () => {
    const { most } = limits.shedding;
    return { perCaller: Math.max(1, Math.ceil(most / 4)), inAll: Math.max(1, Math.ceil(most / 2)) };
  };
  const mostSeen = Math.floor(getHeapStatistics().heap_size_limit / heapBytesEach);
  const operations = new Engine(journal, clock, randomUUID(), { mostWaiting, mostSeen, ...(leases ? { leases } : {}) });
  const metrics = new Metrics(version, {
    running: () => operations.running,
    freezes: () => operations.brakes.freezes.map(({ createdAt }) => createdAt),
    approvals: () => operations.approvals.since,
    oldestSeconds: () => operations.oldestRunningMs / 1000,
    requestsLimit: () => limits.shedding.limit,
  });
  const health = new HealthBoard();
  const audit = new Audit(log);
  const watchers = watchersOf(metrics, health, log, (target) => current.snapshot.targets.named(target) !== undefined);
  const open = (checked: Configuration, before?: Snapshot) => openSnapshot(checked, watchers, clock, before);
  const current = new CurrentSnapshot(open(configuration));
  metrics.startAtZero(current.snapshot.targets.all);
  const { basePath = '' } = configuration.server;
  const watcher = tellNotifications(new NotifyMetrics(metrics.registry), log);
  const notifier = new Notifier({ outbox: journal.outbox, clock, watcher, basePath });
  const live = new LiveConfiguration(
    { current, notifier, open, limits, metrics, health, clock, log },
    configuration,
    source ?? null,
  );
  const storeWatch = new StoreWatch(
    journal,
    clock,
    tellStore(metrics, log, clock, () => current.snapshot.targets.all),
  );
  const refused = new RefusedLog(journal.refused, clock, {
    onUnkept: () => {
      metrics.store.refusalUnkept();
    },
    onError: (thrown) => {
      if (isStoreDown(thrown)) void storeWatch.look();
      else log.error({ err: thrown }, 'refused calls could not be kept');
    },
  });
  const parts = {
    log,
    clock,
    journal,
    operations,
    limits,
    metrics,
    health,
    audit,
    current,
    live,
    storeWatch,
    refused,
    notifier,
  };
  tellOperations(parts);
  return parts;
}

/**
 * Tells audit, metrics and log what becomes of operations, and looks at the store whenever it may have come to matter.
 */
function tellOperations({ operations, metrics, audit, storeWatch, notifier, log }: Parts): void {
  const { listeners } = operations;
  listeners.onEnd((operation) => {
    metrics.operationEnded(operation);
    audit.ended(operation);
    if (operation.targets.some(({ state }) => state === 'unknown')) void storeWatch.look();
  });
  listeners.onChange((operation) => {
    audit.changed(operation);
    void storeWatch.look();
  });
  listeners.onApproval((told) => {
    metrics.approvals.told(told);
    audit.approval(told);
  });
  listeners.onRefusal((told) => {
    notifier.refused(told);
  });
  listeners.onBrake((told) => {
    audit.braked(told);
  });
  listeners.onError((operation, thrown) => {
    metrics.recordFailed();
    if (operation === null && isStoreDown(thrown)) void storeWatch.look();
    else log.error({ operation, err: thrown }, 'the record of an operation could not be completed');
  });
}
