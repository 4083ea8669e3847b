import type { FastifyRequest } from 'fastify';
import type { RequestSpan } from '../http/request-facts.js';
import { isQuiet } from '../http/routes.js';
import type { Step } from '../http/step.js';

/** Follows requests through Sluice, for whoever collects that. */
export interface Tracer {
  /** Begins the span of a request, as a part of the caller's if it names one (W3C Trace Context). */
  request(traceparent: string | undefined): RequestSpan;
  /** Sends what is left, for a bounded time. Never rejects. */
  stop(): Promise<void>;
}

/** Begins and ends the span of every request but those about Sluice itself. Without a tracer it does nothing. */
export function traceRequests(tracer: Tracer | undefined): Step {
  if (!tracer) return {};
  return {
    onRequest: ({ facts, raw }, _reply, done) => {
      const { traceparent } = raw.headers;
      if (!isQuiet(facts.route)) {
        facts.span = tracer.request(typeof traceparent === 'string' ? traceparent : undefined);
      }
      done();
    },
    onResponse: ({ facts: { span, route }, method, id: requestId }, { statusCode: status }) => {
      span?.answered({ method, route, status, requestId });
    },
  };
}

/** What log lines tell of a trace. */
export type Trace = Readonly<Record<string, string | null>>;

/** What log lines tell of the trace that a request belongs to: the caller's, or the one that began here. */
export function traceOf({ raw, facts }: FastifyRequest): Trace {
  return traceOfHeader(raw.headers['traceparent'], facts.span);
}

/** A valid `traceparent` of W3C Trace Context, and in it the id of the trace. */
const belonging = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The same of a request of which only that header is known. */
export function traceOfHeader(traceparent: string | string[] | undefined, span: RequestSpan | undefined): Trace {
  if (span) return { traceId: span.traceId, trace_id: span.traceId, span_id: span.spanId };
  const traceId = typeof traceparent === 'string' ? (belonging.exec(traceparent)?.[1] ?? null) : null;
  return traceId === null ? { traceId } : { traceId, trace_id: traceId };
}
