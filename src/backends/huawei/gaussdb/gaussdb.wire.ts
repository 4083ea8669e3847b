import type { ProcessState, Seen } from '../../../core/model/process.js';
import type { Ended, Route } from '../../../core/model/target.js';
import { listBytes, ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, filledIn, rowsOf, type VendorCall } from '../huawei.wire.js';
import { flagOf, malformed, statementOf, textOf, type JsonObject } from '../json.wire.js';

/** Which component's sessions. */
export interface Place {
  readonly projectId: string;
  readonly instanceId: string;
  readonly nodeId: string;
  readonly component: string;
}

/** Whose processes they become, and what time it was for the vendor, which tells when they began: milliseconds since the epoch. */
export interface Owner {
  readonly target: string;
  readonly node: string | null;
  readonly now: number;
}

/** The vendor lists no more than this, without a word about the rest. */
const mostListed = 200;

/** A session id: digits, often more than a double can hold. */
export function isSessionId(id: string): boolean {
  return /^\d{1,20}$/.test(id);
}

/** Where a call goes. */
export function routeOf(call: string): Route & Pick<VendorCall, 'method'> {
  return { method: 'POST', path: `/v3/{project_id}/instances/{instance_id}/${call}` };
}

function encode(place: Place, call: string, mutating: boolean, more: JsonObject = {}): VendorCall {
  const { method, path } = routeOf(call);
  return {
    call,
    method,
    path: filledIn(path, { project_id: place.projectId, instance_id: place.instanceId }),
    body: JSON.stringify({ node_id: place.nodeId, component_id: place.component, ...more }),
    mutating,
    maxBytes: mutating ? ordinaryBytes : listBytes,
  };
}

/** GaussDB API reference, "Querying and Killing Idle Sessions". */
export function encodeKillFree(place: Place): VendorCall {
  return encode(place, 'kill-free-session', true);
}

/** The answer to that. It names no sessions and counts none. */
export function decodeKillFree(answer: Answer): void {
  succeeded(answer);
}

/** GaussDB API reference, "Querying Real-Time Sessions". */
export function encodeList(place: Place): VendorCall {
  return encode(place, 'real-time-session', false);
}

/** The answer to that. A list that is as long as lists can be was cut. */
export function decodeList(
  answer: Answer,
  owner: Owner,
): { readonly processes: readonly Seen[]; readonly complete: boolean } {
  const { read, count } = rowsOf(answer, 'sessions', (row) => processOf(row, owner));
  return { processes: read, complete: read.length === count && count < mostListed };
}

/** GaussDB API reference, "Killing Sessions". */
export function encodeKill(place: Place, ids: readonly string[]): VendorCall {
  return encode(place, 'kill-session', true, { session_ids: ids });
}

/** The answer to that. Where it lists ids, one that it leaves out is not known to have ended. */
export function decodeKill(answer: Answer, ids: readonly string[]): readonly Ended[] {
  const { session_ids: listed } = succeeded(answer);
  if (listed === undefined || listed === null) return ids.map((id) => ({ id, outcome: 'ended' }));
  if (!Array.isArray(listed)) throw malformed('The answer has no list session_ids.');
  const ended = new Set(listed.map(textOf));
  return ids.map((id) => (ended.has(id) ? { id, outcome: 'ended' } : { id, outcome: 'unknown', why: 'notConfirmed' }));
}

function succeeded(answer: Answer): JsonObject {
  const body = bodyOf(answer);
  if (flagOf(body.success) === null) throw malformed('The answer does not tell whether the call succeeded.');
  return body;
}

function processOf(row: JsonObject, { target, node, now }: Owner): Seen | null {
  const id = textOf(row.session_id);
  if (id === null || !isSessionId(id)) return null;
  const state = stateOf(row.state);
  return {
    id,
    target,
    backend: 'gaussdb',
    node,
    user: textOf(row.user_name),
    client: clientOf(row.client_ip, row.client_port),
    database: textOf(row.database_name),
    application: textOf(row.application_name),
    command: null,
    state,
    idleSeconds: null,
    busySeconds: state === 'active' ? secondsSince(row.query_start, now) : null,
    ageSeconds: secondsSince(row.back_end_start, now),
    statement: statementOf(row.query),
    draining: null,
  };
}

/** The states of pg_stat_activity. What is neither working nor waiting in a known way has none. */
function stateOf(value: unknown): ProcessState | null {
  const state = textOf(value)?.trim().toLowerCase() ?? '';
  if (state === 'active' || state === 'fastpath function call') return 'active';
  if (state === 'idle') return 'idle';
  return state.startsWith('idle in transaction') ? 'idleInTransaction' : null;
}

/** `ip:port`, `[v6]:port`; only the address where there is no port. */
function clientOf(ip: unknown, port: unknown): string | null {
  // An address may be written as a network of one.
  const address =
    textOf(ip)
      ?.trim()
      .replace(/\/\d+$/, '') ?? null;
  const number = textOf(port)?.trim() ?? '';
  if (address === null || !/^[1-9]\d{0,4}$/.test(number)) return address;
  return address.includes(':') ? `[${address}]:${number}` : `${address}:${number}`;
}

/** Times are numbers since the epoch, in a unit that the vendor does not tell: their size does. */
function secondsSince(value: unknown, now: number): number | null {
  const time = Number(textOf(value) ?? '');
  if (!Number.isFinite(time) || time <= 0) return null;
  const milliseconds = time < 1e11 ? time * 1000 : time < 1e14 ? time : time < 1e17 ? time / 1e3 : time / 1e6;
  return Math.max(0, Math.floor((now - milliseconds) / 1000));
}
