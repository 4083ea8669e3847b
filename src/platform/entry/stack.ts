import { body, legible } from '../http/body.js';
import { receive } from '../http/receive.js';
import { route, type Routes } from '../http/routes.js';
import type { Step } from '../http/step.js';
import { leadToPage } from '../docs/page-step.js';
import type { RequestLimits } from '../limits/request-limits.js';
import type { CurrentSnapshot } from '../live/snapshot.js';
import { log } from '../telemetry/access-log.js';
import type { Logger } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { traceRequests, type Tracer } from '../telemetry/request-trace.js';
import { limit, who } from './admit.js';
import { count } from './count.js';
import type { Drain } from './drain.js';
import { gate, turn, type OverloadGate } from './overload-gate.js';

/** What the steps of the port of the API need. */
export interface StackParts {
  readonly routes: Routes;
  readonly overload: OverloadGate;
  readonly metrics: Metrics;
  readonly drain: Drain;
  readonly tracer: Tracer | undefined;
  readonly log: Logger;
  readonly current: CurrentSnapshot;
  readonly limits: RequestLimits;
}

/** What is done to each request of the API, in this order. No hook is registered anywhere else. */
export function stackOf({
  routes,
  overload,
  metrics,
  drain,
  tracer,
  log: logger,
  current,
  limits,
}: StackParts): Step[] {
  return [
    gate(overload),
    receive(),
    count(metrics, drain),
    traceRequests(tracer),
    route(routes),
    log(logger, metrics),
    leadToPage(),
    turn(overload),
    body(),
    who(current, limits),
    limit(limits),
    legible(),
  ];
}

/** What is done to each request of the port for health and metrics, which knows no callers. */
export function managementStackOf({
  routes,
  metrics,
  log: logger,
}: Pick<StackParts, 'routes' | 'metrics' | 'log'>): Step[] {
  return [receive(), count(metrics), route(routes), log(logger, metrics), body()];
}
