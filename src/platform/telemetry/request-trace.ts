import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Slot } from '../../core/model/slot.js';
import type { Span } from '../../core/model/span.js';
import { templateOfRefused } from '../http/methods.js';
import { traceIdOf } from './trace-context.js';

/** The span of a request, and what its log lines tell of it. */
export interface RequestSpan extends Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Ends it with what became known of the request. */
  answered(answer: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly requestId: string;
  }): void;
}

/** Follows requests through Sluice, for whoever collects that. */
export interface Tracer {
  /** Begins the span of a request, as a part of the caller's if it names one (W3C Trace Context). */
  request(traceparent: string | undefined): RequestSpan;
  /** Sends what is left, for a bounded time. Never rejects. */
  stop(): Promise<void>;
}

const spans = new Slot<RequestSpan>();

/** The span of a request; undefined if nobody follows it. */
export function spanOf(request: object): Span | undefined {
  return spans.get(request);
}

/** Begins and ends the span of every request but those about Sluice itself. Before all other hooks. */
export function traceRequests(fastify: FastifyInstance, tracer: Tracer): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    if (!isQuiet(routeOf(request))) {
      spans.set(request, tracer.request(typeof traceparent === 'string' ? traceparent : undefined));
    }
    done();
  });
  fastify.addHook('onResponse', (request, { statusCode: status }, done) => {
    spans.get(request)?.answered({ method: request.method, route: routeOf(request), status, requestId: request.id });
    done();
  });
}

/** Below any prefix. */
const quiet = /\/(?:health\/(?:live|ready)|metrics)$/;

/** Is it asked so often, and says so little, that it is not told of unless it fails? */
export function isQuiet(route: string): boolean {
  return quiet.test(route);
}

/** The template of a request's route, never its address. */
export function routeOf(request: FastifyRequest): string {
  return (request.is404 ? templateOfRefused(request) : request.routeOptions.url) ?? 'unmatched';
}

export type Trace = Readonly<Record<string, string | null>>;

/** What log lines tell of the trace that a request belongs to: the caller's, or the one that began here. */
export function traceOf(request: FastifyRequest): Trace {
  return traceOfHeader(request.headers.traceparent, spans.get(request));
}

/** The same of a request of which only that header is known. */
export function traceOfHeader(traceparent: string | string[] | undefined, span: RequestSpan | undefined): Trace {
  if (span) return { traceId: span.traceId, trace_id: span.traceId, span_id: span.spanId };
  const traceId = traceIdOf(traceparent);
  return traceId === null ? { traceId } : { traceId, trace_id: traceId };
}
