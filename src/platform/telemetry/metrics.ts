import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { failureKinds, type FailureKind } from '../../core/model/failure.js';
import { systemClock } from '../../core/model/clock.js';
import type { Operation } from '../../core/model/operation.js';
import type { Target } from '../../core/model/target.js';
import { circuitStates } from '../../transport/circuit.js';
import type { Measured } from '../../transport/measure.js';
import { authFailureReasons, type AuthFailureReason } from '../auth/authenticator.js';
import { ApprovalMetrics } from './approval-metrics.js';
import type { Answered } from './answered.js';
import { DriftMetrics } from './drift-metrics.js';
import { IamMetrics } from './iam-metrics.js';
import { Scrape } from './scrape.js';
import { tellProcess, type RuntimeState } from './process-metrics.js';
import { StoreMetrics } from './store-metrics.js';

/** Methods that a label tells; whatever else a caller comes up with is one series. */
const methods = new Set(['GET', 'HEAD', 'POST', 'DELETE']);
const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 45, 60];
const upstreamSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30];

/** For how many targets series are made before anything has moved them: for more, a scrape would be all zeros. */
const mostAtZero = 200;

/** Everything that Sluice counts. Labels are bounded by the configuration: never a user, client, statement or id. */
export class Metrics {
  readonly registry = new Registry();
  readonly scrape = new Scrape(this.registry, systemClock);
  readonly #requests = this.#histogram(
    'http_server_request_duration_seconds',
    'Duration of requests to Sluice.',
    requestSeconds,
    ['http_request_method', 'http_route', 'http_response_status_code', 'error_type'],
  );
  readonly #added = this.#histogram(
    'sluice_request_added_seconds',
    'What requests of the API took beside the time that they waited for vendors.',
    requestSeconds,
    [],
  );
  readonly #upstreamSeconds = this.#histogram(
    'sluice_upstream_request_duration_seconds',
    'Duration of one attempt at a vendor, queueing left out.',
    upstreamSeconds,
    ['backend', 'call', 'outcome'],
  );
  readonly #upstream = this.#counter('sluice_upstream_requests_total', 'Attempts at vendors.', [
    'backend',
    'target',
    'call',
    'outcome',
  ]);
  readonly #ended = this.#counter('sluice_processes_ended_total', 'Processes that were ended and counted.', [
    'backend',
    'target',
    'kind',
  ]);
  readonly #operations = this.#counter('sluice_operations_total', 'Operations that ended, per target.', [
    'kind',
    'mode',
    'target',
    'state',
  ]);
  readonly #refusals = this.#counter('sluice_refusals_total', 'Requests that were answered with a problem.', ['code']);
  readonly #circuits = this.#gauge(
    'sluice_circuit_state',
    '1 for the worst state of the circuits of a service and its targets.',
    ['connection', 'service', 'state'],
  );
  readonly #authFailures = this.#counter('sluice_auth_failures_total', 'Callers that were not let in.', ['reason']);

  readonly #unsettled = this.#gauge(
    'sluice_operations_unsettled',
    'Operations of the last day whose outcome on a target is unknown.',
    ['target'],
  );
  readonly approvals: ApprovalMetrics;
  readonly store = new StoreMetrics(this.registry);
  readonly iam = new IamMetrics(this.registry);
  readonly drift = new DriftMetrics(this.registry);

  readonly #active = this.#gauge('http_server_active_requests', 'Requests that are being answered.', []);
  readonly #recordErrors = this.#counter(
    'sluice_record_faults_total',
    'Times that the record of an operation could not be written or completed.',
    [],
  );

  constructor(version: string, state: RuntimeState) {
    tellProcess(this.registry, version, state);
    this.approvals = new ApprovalMetrics(this.registry, state.approvals);
    for (const code of failureKinds) this.#refusals.inc({ code }, 0);
    for (const reason of authFailureReasons) this.#authFailures.inc({ reason }, 0);
  }

  /** Starts the series of every target at zero, so that a first event is an increase; of no more than 200 targets. */
  startAtZero(targets: readonly Target[]): void {
    if (targets.length > mostAtZero) return;
    this.approvals.startAtZero(targets);
    for (const { name: target, backend, kill, flush, tune } of targets) {
      this.#unsettled.set({ target }, 0);
      for (const kind of ['processes.kill', 'sessions.flush']) {
        if (kill) this.#ended.inc({ backend, target, kind }, 0);
      }
      const kinds = [...(kill ? ['processes.kill'] : []), ...(tune ? ['sessions.tune'] : [])].map((kind) => ({
        kind,
        mode: 'none',
      }));
      const modes = kill || flush ? ['graceful', 'forced'].map((mode) => ({ kind: 'sessions.flush', mode })) : [];
      for (const labels of [...kinds, ...modes]) {
        for (const state of ['succeeded', 'partial', 'failed', 'unknown'])
          this.#operations.inc({ ...labels, target, state }, 0);
      }
    }
  }

  /** Counts a request as being answered until the function that is returned is called. */
  began(): () => void {
    this.#active.inc();
    return () => {
      this.#active.dec();
    };
  }

  /** What of the seconds was spent waiting for vendors is null where that means nothing. */
  answered({ method, route, status, code, seconds, waited }: Answered): void {
    if (waited !== null) this.#added.observe(Math.max(0, seconds - waited));
    this.#requests.observe(
      {
        http_request_method: methods.has(method) ? method : '_OTHER',
        http_route: route,
        http_response_status_code: status,
        ...(code === null ? {} : { error_type: code }),
      },
      seconds,
    );
  }

  refused(code: FailureKind): void {
    this.#refusals.inc({ code });
  }

  measured({ backend, target, call, outcome, seconds }: Measured): void {
    this.#upstreamSeconds.observe({ backend, call, outcome }, seconds);
    this.#upstream.inc({ backend, target: target ?? 'none', call, outcome });
  }

  circuit(connection: string, service: string, now: (typeof circuitStates)[number]): void {
    for (const state of circuitStates) this.#circuits.set({ connection, service, state }, state === now ? 1 : 0);
  }

  authFailed(reason: AuthFailureReason): void {
    this.#authFailures.inc({ reason });
  }

  /** How many operations are unknown, by target; those that are not named have none. */
  unsettled(counts: ReadonlyMap<string, number>, targets: readonly Target[]): void {
    this.#unsettled.reset();
    for (const { name: target } of targets) {
      const count = counts.get(target) ?? 0;
      if (count > 0 || targets.length <= mostAtZero) this.#unsettled.set({ target }, count);
    }
  }

  recordFailed(): void {
    this.#recordErrors.inc();
  }

  operationEnded({ kind, mode, dryRun, targets }: Operation): void {
    if (dryRun) return;
    for (const { target, backend, state, counts } of targets) {
      this.#operations.inc({ kind, mode: mode ?? 'none', target, state });
      if (counts.ended !== null && counts.ended > 0) this.#ended.inc({ backend, target, kind }, counts.ended);
    }
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, buckets: number[], labelNames: string[]): Histogram {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }
}
