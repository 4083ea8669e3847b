import type { FastifyRequest } from 'fastify';
import type { Failure } from '../../core/model/failure.js';
import { isQuiet, type Routes } from '../http/routes.js';
import type { Step } from '../http/step.js';
import type { TellUnhooked } from '../http/unhooked.js';
import type { Audit, RefusedCall } from './audit.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { traceOf, traceOfHeader, type Tracer } from './request-trace.js';

/**
 * Measures every request and writes one line about it: the route, never the address, which may hold what was filtered
 * by.
 */
export function log(logger: Logger, metrics: Metrics): Step {
  return {
    onResponse: (request, { statusCode: status, elapsedTime }) => {
      const { id: requestId, method, facts } = request;
      const { route } = facts;
      const { code, waiting } = facts;
      const waited = isQuiet(route) ? null : waiting.ms / 1000;
      metrics.answered({ method, route, status, code, seconds: elapsedTime / 1000, waited });
      const line = {
        requestId,
        ...traceOf(request),
        caller: facts.caller?.name ?? null,
        method,
        route,
        status,
        durationMs: Math.round(elapsedTime * 100) / 100,
      };
      if (isQuiet(route) && status < 400) logger.debug(line, 'request');
      else logger.info(line, 'request');
    },
  };
}

/** What is told of answers that pass no hook, and by whom. */
export interface UnhookedTold {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly routes: Routes;
  readonly audit?: Audit;
  readonly tracer?: Tracer | undefined;
}

/** A request that was refused before any hook. */
export interface UnhookedRefusal {
  readonly method: string | null;
  readonly route: string;
  readonly failure: Failure;
  readonly requestId: string;
}

/**
 * Does the same for what passes no hook. Nobody knows when it began, nor may a line hold anything of what cannot be
 * read.
 */
export function tellUnhooked(
  { log: logger, metrics, routes, audit, tracer }: UnhookedTold,
  onRefused: (refused: UnhookedRefusal) => void = () => undefined,
): TellUnhooked {
  return ({ requestId, method, address, status, failure, code = failure?.kind ?? null, traceparent }) => {
    const route = (address === null ? undefined : routes.of(address)?.template) ?? 'unmatched';
    const span = address === null ? undefined : tracer?.request(traceparent);
    const trace = traceOfHeader(traceparent, span);
    if (failure) {
      metrics.refused(failure.kind);
      audit?.refused(failure, { requestId, method, route, caller: null, trace });
      onRefused({ method, route, failure, requestId });
    }
    metrics.answered({ method: method ?? 'none', route, status, code, seconds: 0, waited: null });
    logger.info({ requestId, ...trace, caller: null, method, route, status, durationMs: 0 }, 'request');
    span?.answered({ method: method ?? 'none', route, status, requestId });
  };
}

/** What the audit tells of a request that was refused. */
export function refusedCallOf(request: FastifyRequest): RefusedCall {
  const { id: requestId, method, facts } = request;
  return { requestId, method, route: facts.route, caller: facts.caller?.name ?? null, trace: traceOf(request) };
}

/** A defect is logged with its cause; what a caller or a vendor did wrong is told by the access log. */
export function logDefect(logger: Logger, failure: Failure, request: FastifyRequest): void {
  if (failure.kind === 'internal')
    logger.error({ requestId: request.id, ...traceOf(request), err: failure }, 'a request failed in an unexpected way');
}
