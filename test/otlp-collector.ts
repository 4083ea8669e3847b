import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it was sent, its attributes by their names. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A receiver of OTLP over HTTP in JSON, on loopback. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Every byte that arrived: request lines, headers, bodies. */
  readonly bytes: () => string;
  readonly close: () => Promise<void>;
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
}

interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}

/** Starts it. A silent one takes everything and answers nothing. */
export async function startCollector({ silent = false } = {}): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const pieces: string[] = [];
  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (piece: Buffer) => body.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(body).toString();
      pieces.push(`${String(request.method)} ${String(request.url)} ${JSON.stringify(request.headers)}`, text);
      if (silent) return;
      const sent = (JSON.parse(text) as Sent).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
      spans.push(...sent.flatMap((scope) => scope.spans.map(collected)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans,
    bytes: () => pieces.join('\n'),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function collected({ parentSpanId = '', status, attributes = [], ...span }: SentSpan): CollectedSpan {
  const { name, traceId, spanId, kind } = span;
  const told = attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)] as const);
  return { name, traceId, spanId, parentSpanId, kind, status: status?.code ?? 0, attributes: Object.fromEntries(told) };
}
