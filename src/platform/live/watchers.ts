import { countNodesUnseen } from '../telemetry/nodes-unseen.js';
import type { SnapshotWatchers } from './snapshot.js';
import { ClockSkew } from '../telemetry/clock-skew.js';
import type { HealthBoard } from '../telemetry/health-board.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Tells metrics and health what traffic shows. Of targets that are configured no longer nothing is remembered. */
export function watchersOf(
  metrics: Metrics,
  health: HealthBoard,
  log: Logger,
  isConfigured: (target: string) => boolean,
): SnapshotWatchers {
  const clocks = new ClockSkew(metrics.registry, log);
  const unseen = countNodesUnseen(metrics.registry);
  return {
    measured: (measured) => {
      metrics.measured(measured);
    },
    settled: (settled) => {
      if (settled.target !== null && isConfigured(settled.target)) health.see(settled);
    },
    circuit: (...change) => {
      metrics.circuit(...change);
    },
    skewed: (...skew) => {
      clocks.see(...skew);
    },
    nodesUnseen: (target, count) => {
      if (isConfigured(target)) unseen(target, count);
    },
    tokensExpected: (connection) => {
      metrics.iam.tokens.expected(connection);
    },
    tokenRefreshed: (...refresh) => {
      metrics.iam.tokens.asked(...refresh);
    },
    projectExpected: (connection) => {
      metrics.iam.projects.expected(connection);
    },
    projectAsked: (...asked) => {
      metrics.iam.projects.asked(...asked);
    },
    opened: (...load) => {
      metrics.drift.calls.opened(...load);
    },
    credentialEnds: (connection, end) => {
      metrics.drift.expiry.ends('vendor-credential', connection, end);
    },
    keysRead: (issuer, isRead) => {
      metrics.drift.issuers.read(issuer, isRead);
    },
    authFailed: (reason) => {
      metrics.authFailed(reason);
    },
  };
}
