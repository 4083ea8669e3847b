import { Failure } from '../../../core/model/failure.js';
import { untold, type ProcessState, type Seen } from '../../../core/model/process.js';
import type { Ended, VendorRoute } from '../../../core/model/target.js';
import { listBytes, ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, rowsOf, type VendorCall } from '../huawei.wire.js';
import { malformedJson, secondsOf, textOf, wholeOf, type RawMember } from '../json.wire.js';
import type { Page } from '../page.js';

/** Whose processes they become. */
export interface Owner {
  readonly target: string;
  readonly node: string | null;
}

/** The vendor's bound: rows of a page. */
export const rowsPerPage = 100;

/** A session id: digits. */
export function isSessionId(id: string): boolean {
  return /^(?:0|[1-9]\d{0,18})$/.test(id);
}

const nodePath = '/v3/{project_id}/redis/nodes/{node_id}/sessions';
const instancePath = '/v3/{project_id}/instances/{instance_id}/sessions';

/** Where a kill goes, of some sessions of a node or of all. */
export const nodeRoute = { method: 'DELETE', path: nodePath } as const satisfies VendorRoute;
/** Where a kill of all sessions of an instance goes. */
export const instanceRoute = { method: 'DELETE', path: instancePath } as const satisfies VendorRoute;

/**
 * GeminiDB API reference, "Obtaining Sessions of a Node":
 * https://support.huaweicloud.com/intl/en-us/api-nosql/nosql_05_0053.html
 */
export function encodeList(nodeId: string, offset: number): VendorCall {
  return {
    call: 'list-sessions',
    method: 'GET',
    path: `${nodePath}?offset=${String(offset)}&limit=${String(rowsPerPage)}`,
    parameters: { node_id: nodeId },
    body: null,
    mutating: false,
    maxBytes: listBytes,
  };
}

/** A row of that list, as far as it is read: what Redis' CLIENT LIST tells. */
interface SessionRow {
  readonly id?: RawMember;
  readonly addr?: RawMember;
  readonly name?: RawMember;
  readonly cmd?: RawMember;
  readonly db?: RawMember;
  readonly age?: RawMember;
  readonly idle?: RawMember;
  readonly sub?: RawMember;
  readonly psub?: RawMember;
  readonly multi?: RawMember;
}

/** The answer to that. */
export function decodeList(answer: Answer, owner: Owner): Page {
  const { body, read, count } = rowsOf(answer, 'sessions', ['total_count'], (row) => processOf(row, owner));
  return { processes: read, rows: count, total: wholeOf(body.total_count) };
}

function processOf(row: SessionRow, { target, node }: Owner): Seen | null {
  const id = textOf(row.id)?.trim() ?? '';
  if (!isSessionId(id)) return null;
  const idleSeconds = secondsOf(row.idle);
  return {
    id,
    target,
    backend: 'geminidb',
    node,
    user: null,
    client: textOf(row.addr),
    database: textOf(row.db),
    application: textOf(row.name),
    command: textOf(row.cmd),
    state: stateOf(row, idleSeconds),
    idleSeconds,
    busySeconds: null,
    ageSeconds: secondsOf(row.age),
    ...untold,
    statement: null,
    draining: null,
  };
}

/** Subscribers work, however long ago they last asked. `multi` is -1 outside of a transaction. */
function stateOf(row: SessionRow, idleSeconds: number | null): ProcessState | null {
  if ((secondsOf(row.sub) ?? 0) + (secondsOf(row.psub) ?? 0) > 0) return 'active';
  if ((wholeOf(row.multi) ?? -1) >= 0) return 'idleInTransaction';
  if (idleSeconds === null) return null;
  return idleSeconds >= 1 ? 'idle' : 'active';
}

/**
 * GeminiDB API reference, "Closing Sessions of an Instance Node", of some or of all:
 * https://support.huaweicloud.com/intl/en-us/api-nosql/nosql_05_0055.html
 */
export function encodeKill(nodeId: string, ids: readonly string[] | 'all'): VendorCall {
  return {
    call: 'delete-sessions',
    ...nodeRoute,
    parameters: { node_id: nodeId },
    body: JSON.stringify(ids === 'all' ? { is_all: true } : { is_all: false, session_ids: ids }),
    mutating: true,
    maxBytes: ordinaryBytes,
  };
}

/**
 * GeminiDB API reference, "Closing Instance Sessions", for instances with proxies:
 * https://support.huaweicloud.com/intl/en-us/api-nosql/topic_300000212.html
 */
export function encodeKillAll(): VendorCall {
  return { call: 'delete-instance-sessions', ...instanceRoute, body: null, mutating: true, maxBytes: ordinaryBytes };
}

/**
 * The answer to any of these: an empty object, or nothing where it says so. Other nothing may be what is left of an
 * answer.
 */
export function decodeEnded(answer: Answer): void {
  if (answer.status === 200 && answer.headers['content-length'] === '0') return;
  if (Object.keys(bodyOf(answer)).length > 0)
    throw malformedJson('The answer has members that the call does not have.');
}

/** The answer to a kill of some. It does not tell which sessions were there. */
export function decodeKill(answer: Answer, ids: readonly string[]): readonly Ended[] {
  decodeEnded(answer);
  return ids.map((id) => ({ id, outcome: 'ended' }));
}

/**
 * GeminiDB API reference, "Obtaining Instance Sessions", which tells the nodes as well:
 * https://support.huaweicloud.com/intl/en-us/api-nosql/topic_300000211.html
 */
export function encodeNodes(): VendorCall {
  const where = { method: 'GET', path: instancePath } as const;
  return { call: 'list-instance-sessions', ...where, body: null, mutating: false, maxBytes: listBytes };
}

/** The ids of the nodes in the answer to that. */
export function decodeNodes(answer: Answer): readonly string[] {
  const { read, count } = rowsOf(answer, 'node_sessions', [], ({ node_id: id }) => textOf(id));
  if (read.length < count) throw malformedJson('The answer has a node without an id.');
  if (count > 0) return [...new Set(read)];
  throw new Failure('upstream-unavailable', 'GeminiDB names no node of this instance.', { sent: 'refused' });
}
