import type { Attributes, Context, Span as OpenSpan, Tracer as OpenTracer } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { systemClock } from '../../core/model/clock.js';
import type { SpanFacts } from '../../core/model/span.js';
import { tellError, type Logger } from './log.js';
import type { RequestSpan } from '../http/request-facts.js';
import type { Tracer } from './request-trace.js';

/** How often a collector that does not take spans is told of. */
const tellEveryMs = 60_000;
/** How long stopping waits for the last spans to be taken. */
const flushMs = 3000;

type Api = typeof import('@opentelemetry/api');

/**
 * Sends spans to an OpenTelemetry collector, as the standard variables `OTEL_*` say where and how:
 * `OTEL_EXPORTER_OTLP_ENDPOINT` at least. Not one of its modules is loaded before. It instruments nothing by itself: a
 * span tells what `SpanFacts` has a place for, and vendors hear nothing of it.
 */
export async function openTracing(log: Logger, version: string): Promise<Tracer | null> {
  try {
    return await open(log, version);
  } catch (thrown) {
    // Whoever cannot be followed is served all the same.
    log.warn({ err: thrown }, 'tracing could not be started');
    return null;
  }
}

async function open(log: Logger, version: string): Promise<Tracer> {
  const [api, { BatchSpanProcessor, TracerProvider }, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const own = resources.resourceFromAttributes({ 'service.name': 'sluice', 'service.version': version });
  const named = resources.detectResources({
    detectors: [resources.resourceAttributesEnvDetector, resources.serviceNameEnvDetector],
  });
  const exporter = told(new OTLPTraceExporter(), log);
  const provider = new TracerProvider({
    resource: own.merge(named),
    spanLimits: { attributeValueLengthLimit: 256 },
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1000 })],
  });
  const tracer = provider.getTracer('sluice', version);
  return {
    request: (traceparent) => beginRequest(api, tracer, traceparent),
    stop: async () => {
      const over = new AbortController();
      const late = systemClock.sleep(flushMs, over.signal);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      over.abort();
    },
  };
}

/** Tells of a collector that does not take spans, by what `tellError` lets through: the error may hold its address. */
function told(exporter: SpanExporter, log: Logger): SpanExporter {
  let toldAt = -Infinity;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        if (result.error && Date.now() - toldAt >= tellEveryMs) {
          toldAt = Date.now();
          log.warn({ spans: spans.length, err: tellError(result.error) }, 'spans could not be sent');
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

function beginRequest(api: Api, tracer: OpenTracer, traceparent: string | undefined): RequestSpan {
  const parent = parentOf(api, traceparent);
  // Its name is known once it is routed, which is before it ends.
  const span = tracer.startSpan('request', { kind: api.SpanKind.SERVER }, parent);
  const { traceId, spanId } = span.spanContext();
  const here = follow(api, tracer, span, parent);
  return {
    ...here,
    traceId,
    spanId,
    answered: ({ method, route, status, requestId }) => {
      span.updateName(`${method} ${route}`);
      span.setAttributes({
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'sluice.request_id': requestId,
      });
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function follow(api: Api, tracer: OpenTracer, span: OpenSpan, parent: Context): Pick<RequestSpan, 'child' | 'end'> {
  const context = api.trace.setSpan(parent, span);
  return {
    child: (is, name, facts) => {
      const kind = is === 'attempt' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
      const child = tracer.startSpan(name, { kind, attributes: attributesOf(facts) }, context);
      return follow(api, tracer, child, context);
    },
    end: (outcome, isFailure) => {
      span.setAttribute('sluice.outcome', outcome);
      if (isFailure) span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Only what there is a place for. */
function attributesOf({ target, backend, call, kind }: SpanFacts): Attributes {
  return {
    ...(target === undefined ? {} : { 'sluice.target': target }),
    ...(backend === undefined ? {} : { 'sluice.backend': backend }),
    ...(call === undefined ? {} : { 'sluice.call': call }),
    ...(kind === undefined ? {} : { 'sluice.kind': kind }),
  };
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function parentOf({ ROOT_CONTEXT, trace }: Api, traceparent = ''): Context {
  const [, traceId, spanId, flags] = pattern.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
