import { Failure } from '../../../core/model/failure.js';
import { clientFrom } from '../../../core/model/host.js';
import { isWholeId, largestSigned } from '../../../core/model/ids.js';
import { untold, type Seen } from '../../../core/model/process.js';
import type { Ended, VendorRoute } from '../../../core/model/target.js';
import { listBytes, ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, rowsOf, type VendorCall } from '../huawei.wire.js';
import {
  answeredIds,
  isObject,
  malformedJson,
  objectsOf,
  secondsOf,
  statementOf,
  textOf,
  wholeOf,
  type RawMember,
} from '../json.wire.js';
import type { Page } from '../page.js';

/** Whose processes they become. */
export interface Owner {
  readonly target: string;
  readonly node: string | null;
}

/** Rows of a page: as many as the vendor gives, and fewer where their statements are too long for one answer. */
export const rowsPerPage = [100, 10, 2, 1] as const;
/** The vendor's bound: ids of a kill. */
export const idsPerKill = 20;

/** A thread id: an integer from 0 to 2^63-1, written without leading zeros. */
export function isThreadId(id: string): boolean {
  return isWholeId(id, largestSigned);
}

const template = '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes';

/** Where a kill goes. */
export const killRoute = { method: 'DELETE', path: template } as const satisfies VendorRoute;

/**
 * TaurusDB API reference, "Querying User Session Threads on a Node":
 * https://support.huaweicloud.com/intl/en-us/api-taurusdb/ListTaurusDbNodeProcesses.html
 */
export function encodeList(nodeId: string, offset: number, limit: number): VendorCall {
  return {
    call: 'list-processes',
    method: 'GET',
    path: `${template}?offset=${String(offset)}&limit=${String(limit)}`,
    parameters: { node_id: nodeId },
    body: null,
    mutating: false,
    maxBytes: listBytes,
  };
}

/**
 * TaurusDB API reference, "Querying Details of a DB Instance":
 * https://support.huaweicloud.com/intl/en-us/api-taurusdb/ShowGaussMySqlInstanceInfo.html
 */
export function encodeInstance(): VendorCall {
  const path = '/v3/{project_id}/instances/{instance_id}';
  return { call: 'show-instance', method: 'GET', path, body: null, mutating: false, maxBytes: ordinaryBytes };
}

/** The ids of the nodes in the answer to that, whatever their status: who cannot be asked says so. */
export function decodeNodes(answer: Answer): readonly string[] {
  const body = bodyOf(answer);
  const { nodes } = isObject(body.instance) ? body.instance : body;
  const rows: readonly { readonly id?: RawMember }[] = objectsOf(nodes, 'nodes');
  const ids = rows.map((row) => {
    const id = textOf(row.id);
    if (id === null) throw malformedJson('The answer has a node without an id.');
    return id;
  });
  if (ids.length > 0) return [...new Set(ids)];
  throw new Failure('upstream-unavailable', 'TaurusDB names no node of this instance.', { sent: 'refused' });
}

/** A row of that list, as far as it is read. */
interface ThreadRow {
  readonly id?: RawMember;
  readonly user?: RawMember;
  /** Address and port. */
  readonly host?: RawMember;
  readonly db?: RawMember;
  readonly command?: RawMember;
  /** Seconds in the state that it is in. */
  readonly time?: RawMember;
  /** Its statement. */
  readonly info?: RawMember;
}

/** The answer to that. `db` may be null, `info` may have 64 MiB. */
export function decodeList(answer: Answer, owner: Owner): Page {
  const { body, read, count } = rowsOf(answer, 'processes', ['total_count'], (row) => processOf(row, owner));
  return { processes: read, rows: count, total: wholeOf(body.total_count) };
}

function processOf(row: ThreadRow, { target, node }: Owner): Seen | null {
  const id = textOf(row.id);
  if (id === null || !isThreadId(id)) return null;
  const command = textOf(row.command);
  const seconds = secondsOf(row.time);
  const sleeps = command === 'Sleep';
  return {
    id,
    target,
    backend: 'taurusdb',
    node,
    user: textOf(row.user),
    client: clientFrom(textOf(row.host)),
    database: textOf(row.db),
    application: null,
    command,
    state: command === null ? null : sleeps ? 'idle' : 'active',
    idleSeconds: sleeps ? seconds : null,
    busySeconds: command === null || sleeps ? null : seconds,
    ageSeconds: null,
    ...untold,
    statement: statementOf(row.info),
    draining: null,
  };
}

/**
 * TaurusDB API reference, "Terminating User Session Threads on a Node". The ids are bare integers, digit by digit as
 * given: https://support.huaweicloud.com/intl/en-us/api-taurusdb/DeleteTaurusDbNodeProcesses.html
 */
export function encodeKill(nodeId: string, ids: readonly string[]): VendorCall {
  if (!ids.every(isThreadId)) throw new Failure('internal', 'What is no thread id was to be killed.');
  return {
    call: 'delete-processes',
    ...killRoute,
    parameters: { node_id: nodeId },
    body: `{"processes":[${ids.join(',')}]}`,
    mutating: true,
    maxBytes: ordinaryBytes,
  };
}

/**
 * The answer to that. An id in neither of two lists is an internal thread, which the vendor passes over; where a list
 * is missing, it is not known. What contradicts itself, or is about other ids, proves nothing.
 */
export function decodeKill(answer: Answer, ids: readonly string[]): readonly Ended[] {
  const body = bodyOf(answer);
  const killed = answeredIds(body, 'processes_killed', ids);
  const notFound = answeredIds(body, 'processes_not_found', ids);
  if (killed === null && notFound === null) throw malformedJson('The answer does not tell whom the call ended.');
  if (killed && notFound && ids.some((id) => killed.has(id) && notFound.has(id))) {
    throw malformedJson('The answer says of one id that it was killed, and that it was not found.');
  }
  const open =
    killed && notFound
      ? ({ outcome: 'skipped', why: 'internal' } as const)
      : ({ outcome: 'unknown', why: 'notConfirmed' } as const);
  return ids.map((id) => {
    if (killed?.has(id)) return { id, outcome: 'ended' };
    return notFound?.has(id) ? { id, outcome: 'notFound' } : { id, ...open };
  });
}
