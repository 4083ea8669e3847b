const traceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that a request belongs to (W3C Trace Context); null without a valid `traceparent`. */
export function traceIdOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? (traceparent.exec(header)?.[1] ?? null) : null;
}
