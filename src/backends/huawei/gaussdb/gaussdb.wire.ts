import { Failure } from '../../../core/model/failure.js';
import { secondsBetween, withinAge } from '../../../core/model/durations.js';
import { clientAt } from '../../../core/model/host.js';
import { isWholeId, largestUnsigned } from '../../../core/model/ids.js';
import type { ProcessState, Seen } from '../../../core/model/process.js';
import type { Narrowing } from '../../../core/model/sought.js';
import type { Ended, Listing, Node, VendorRoute } from '../../../core/model/target.js';
import { listBytes, ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, rowsOf, type VendorCall } from '../huawei.wire.js';
import {
  answeredIds,
  secondsOf,
  flagOf,
  malformedJson,
  statementOf,
  textOf,
  type JsonObject,
  type RawMember,
} from '../json.wire.js';

/**
 * Whose processes they become, and what time it was for the vendor, which tells when they began: milliseconds since the
 * epoch.
 */
export interface Owner {
  readonly target: string;
  readonly node: string | null;
  readonly now: number;
}

/** The vendor lists no more than this, without a word about the rest. */
const mostListed = 200;

/** A session id: an integer of 64 bits without a sign, written without leading zeros. */
export function isSessionId(id: string): boolean {
  return isWholeId(id, largestUnsigned);
}

/** Where a call goes. */
export function killRouteOf(call: string): VendorRoute & Pick<VendorCall, 'method'> {
  return { method: 'POST', path: `/v3/{project_id}/instances/{instance_id}/${call}` };
}

function encode(node: Node | null, call: string, mutating: boolean, more: JsonObject = {}): VendorCall {
  const { id = null, component = null } = node ?? {};
  if (id === null || component === null) throw new Failure('internal', 'A node without a component was to be asked.');
  return {
    call,
    ...killRouteOf(call),
    body: JSON.stringify({ node_id: id, component_id: component, ...more }),
    mutating,
    maxBytes: mutating ? ordinaryBytes : listBytes,
  };
}

/**
 * GaussDB API reference, "Querying and Killing Idle Sessions":
 * https://support.huaweicloud.com/intl/en-us/api-gaussdb/gaussdb_api_045.html
 */
export function encodeKillFree(node: Node | null): VendorCall {
  return encode(node, 'kill-free-session', true);
}

/** The answer to that. It names no sessions and counts none. */
export function decodeKillFree(answer: Answer): void {
  succeeded(answer);
}

/**
 * GaussDB API reference, "Querying Real-Time Sessions":
 * https://support.huaweicloud.com/intl/en-us/api-gaussdb/gaussdb_api_047.html
 */
export function encodeList(node: Node, narrowing?: Narrowing): VendorCall {
  if (!narrowing) return encode(node, 'real-time-session', false);
  const { user, client, database } = narrowing;
  return encode(node, 'real-time-session', false, {
    query_info: { user_name: user, client_ip: client, database_name: database },
  });
}

/** A row of that list, as far as it is read. */
interface SessionRow {
  readonly session_id?: RawMember;
  readonly state?: RawMember;
  readonly user_name?: RawMember;
  readonly client_ip?: RawMember;
  readonly client_port?: RawMember;
  readonly database_name?: RawMember;
  readonly application_name?: RawMember;
  readonly query?: RawMember;
  /** When its connection and its statement began. */
  readonly back_end_start?: RawMember;
  readonly query_start?: RawMember;
  /** When its transaction began: 0 or nothing where none is open. */
  readonly transaction_start?: RawMember;
  /** For how many seconds it has been open, by the vendor's own clock. */
  readonly transaction_time_cost?: RawMember;
  /** What all executions of its statement share. */
  readonly unique_sql_id?: RawMember;
  readonly wait_event?: RawMember;
  /** The session that holds the lock that it waits for; 0 or nothing where none does. */
  readonly block_session?: RawMember;
  /** For how many seconds its statement has run, by the vendor's own clock. */
  readonly exec_time?: RawMember;
  /** What its thread is for, in the server's own word. */
  readonly thread_name?: RawMember;
}

/** The answer to that. A list that is as long as lists can be was cut. */
export function decodeList(answer: Answer, owner: Owner): Pick<Listing, 'processes' | 'complete' | 'isCut'> {
  const { read, count } = rowsOf(answer, 'sessions', [], (row) => processOf(row, owner));
  const isCut = count >= mostListed;
  return { processes: read, complete: read.length === count && !isCut, isCut };
}

/**
 * GaussDB API reference, "Killing Sessions":
 * https://support.huaweicloud.com/intl/en-us/api-gaussdb/gaussdb_api_046.html
 */
export function encodeKill(node: Node, ids: readonly string[]): VendorCall {
  return encode(node, 'kill-session', true, { session_ids: ids });
}

/** The answer to that. Where it lists ids, one that it leaves out is not known to have ended. */
export function decodeKill(answer: Answer, ids: readonly string[]): readonly Ended[] {
  const ended = answeredIds(succeeded(answer), 'session_ids', ids);
  if (ended === null) return ids.map((id) => ({ id, outcome: 'ended' }));
  return ids.map((id) => (ended.has(id) ? { id, outcome: 'ended' } : { id, outcome: 'unknown', why: 'notConfirmed' }));
}

function succeeded(answer: Answer): JsonObject {
  const body = bodyOf(answer);
  if (flagOf(body.success) === null) throw malformedJson('The answer does not tell whether the call succeeded.');
  return body;
}

function processOf(row: SessionRow, { target, node, now }: Owner): Seen | null {
  const id = textOf(row.session_id);
  if (id === null || !isSessionId(id)) return null;
  const state = stateOf(row.state);
  const ageSeconds = secondsSince(row.back_end_start, now);
  const thread = textOf(row.thread_name);
  return {
    id,
    target,
    backend: 'gaussdb',
    node,
    user: textOf(row.user_name),
    client: clientAt(textOf(row.client_ip), textOf(row.client_port)),
    database: textOf(row.database_name),
    application: textOf(row.application_name),
    command: null,
    state,
    idleSeconds: null,
    busySeconds:
      state === 'active' ? withinAge(secondsOf(row.exec_time) ?? secondsSince(row.query_start, now), ageSeconds) : null,
    ageSeconds,
    transactionSeconds: withinAge(transactionSecondsOf(row, now), ageSeconds),
    waitEvent: toldOf(row.wait_event),
    blockedBy: blockersOf(row.block_session),
    statementId: toldOf(row.unique_sql_id),
    statement: statementOf(row.query),
    draining: null,
    ...(thread === null ? {} : { connectionType: thread }),
  };
}

/** The vendor counts 0 where no transaction is open. */
function transactionSecondsOf(row: SessionRow, now: number): number | null {
  return secondsOf(row.transaction_time_cost) || secondsSince(row.transaction_start, now);
}

/** A word of the vendor's; null where it says that there is nothing to tell. */
function toldOf(value: RawMember): string | null {
  const text = textOf(value)?.trim() ?? '';
  return text === '' || text === '0' || text === 'none' || text === 'NULL' ? null : text;
}

/** Null where the list does not tell who blocks whom at all. */
function blockersOf(value: RawMember): readonly string[] | null {
  const id = textOf(value);
  if (id === null) return value === undefined ? null : [];
  return isSessionId(id) && id !== '0' ? [id] : [];
}

/** The states of pg_stat_activity. What is neither working nor waiting in a known way has none. */
function stateOf(value: unknown): ProcessState | null {
  const state = textOf(value)?.trim().toLowerCase() ?? '';
  if (state === 'active' || state === 'fastpath function call') return 'active';
  if (state === 'idle') return 'idle';
  return state.startsWith('idle in transaction') ? 'idleInTransaction' : null;
}

/** Times are numbers since the epoch, in a unit that the vendor does not tell: their size does. */
function secondsSince(value: unknown, now: number): number | null {
  const time = Number(textOf(value) ?? '');
  if (!Number.isFinite(time) || time <= 0) return null;
  const milliseconds = time < 1e11 ? time * 1000 : time < 1e14 ? time : time < 1e17 ? time / 1e3 : time / 1e6;
  return secondsBetween(milliseconds, now);
}
