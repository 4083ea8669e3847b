import { apiKey, clients, ordinary, victims, wide } from './scene.ts';

export const rowNames = [
  'reference',
  'stock',
  'packages',
  'nginx',
  'memory',
  'sqlite',
  'postgres',
  'open',
  'wide',
  'against',
  'against-wide',
] as const;

/**
 * `packages` is what Sluice is made of without what it does, `open` is Sluice without keys, `wide` Sluice with more
 * targets; both on the memory store. `against` and `against-wide` are another build of Sluice, as `memory` and `wide`.
 */
export type RowName = (typeof rowNames)[number];

/** A call that the gateways are measured by: all of them understand the same request. */
export interface Call {
  readonly title: string;
  /** Who is measured by it. */
  readonly rows: readonly RowName[];
  readonly connections: number;
  /** How long its windows are, where half a second is too short for it. */
  readonly windowSeconds?: number;
  /** What load is spread over: none of them is in two requests at once. */
  readonly targets: readonly string[];
  readonly request: (target: string) => Buffer;
}

function bytesOf(method: string, path: string, body = ''): Buffer {
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  const length = method === 'GET' ? '' : `Content-Length: ${String(Buffer.byteLength(body))}\r\n`;
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: ${apiKey}\r\n${type}${length}\r\n${body}`,
  );
}

function flush(mode: 'graceful' | 'forced', targets: readonly string[]): Buffer {
  return bytesOf('POST', '/sessions/flush', JSON.stringify({ targets, mode, reason: 'bench' }));
}

const places = ordinary.nodes.flatMap((node) => ordinary.databases.map((name) => `${name}&node=${node}`));
const ids = victims.map((id) => `&id=${id}`).join('');

export const calls = {
  'xml-flush': {
    title: 'XML flush: flushpool, samstatus',
    rows: ['reference', 'stock', 'packages', 'memory', 'against', 'sqlite', 'postgres', 'open'],
    connections: 64,
    targets: ordinary.pools,
    request: (target) => flush('graceful', [target]),
  },
  'xml-reset': {
    title: 'XML flush, forced: resetpool, one connection',
    rows: ['nginx', 'reference', 'memory', 'against'],
    connections: 1,
    targets: ordinary.pools,
    request: (target) => flush('forced', [target]),
  },
  'json-flush': {
    title: 'JSON flush: DCS kill-all, and its job',
    rows: ['reference', 'stock', 'wide', 'against-wide'],
    // The job is asked after 200 ms: so many must be under way to fill most of a core, and no gateway refuses any.
    connections: 256,
    targets: wide.caches,
    request: (target) => flush('forced', [target]),
  },
  'kill-20': {
    title: 'kill of 20 TaurusDB threads by id',
    rows: ['reference', 'stock', 'memory', 'against'],
    connections: 64,
    targets: places,
    request: (target) => bytesOf('DELETE', `/processes?target=${target}&reason=bench${ids}`),
  },
  'look-46': {
    title: 'look at 46 TaurusDB threads',
    rows: ['reference', 'stock', 'memory', 'against'],
    connections: 64,
    targets: places,
    request: (target) => bytesOf('GET', `/processes?target=${target}`),
  },
  'look-10000': {
    title: 'look at 10,000 DCS clients, one at a time',
    rows: ['reference', 'memory', 'against'],
    connections: 1,
    windowSeconds: 2,
    // So many that none is looked at again while its listing is still shared.
    targets: ordinary.caches,
    request: (target) => bytesOf('GET', `/processes?target=${target}&limit=${String(clients)}`),
  },
  'flush-1': {
    title: 'flush of 1 target at 50 ms, one at a time',
    rows: ['memory', 'against'],
    connections: 1,
    windowSeconds: 1,
    targets: ordinary.slowPools,
    request: (target) => flush('forced', [target]),
  },
  'flush-100': {
    title: 'flush of 100 targets at 50 ms each, one at a time',
    rows: ['memory', 'against'],
    connections: 1,
    windowSeconds: 1,
    targets: ['all'],
    request: () => flush('forced', ordinary.slowPools),
  },
} as const satisfies Readonly<Record<string, Call>>;

export type CallName = keyof typeof calls;

/** The XML flush over so many targets that none of them is what holds it up. */
export const widelySpread: Call = { ...calls['xml-flush'], connections: 1024, targets: wide.pools };

/** The same call by nobody in particular. */
export function withoutKey(call: Call): Call {
  const header = `X-API-Key: ${apiKey}\r\n`;
  return { ...call, request: (target) => Buffer.from(call.request(target).toString().replace(header, '')) };
}
