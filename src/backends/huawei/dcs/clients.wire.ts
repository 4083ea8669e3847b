import { withinAge } from '../../../core/model/durations.js';
import { clientFrom } from '../../../core/model/host.js';
import { isClientId } from '../../../core/model/ids.js';
import { untold, type ProcessState, type Seen } from '../../../core/model/process.js';
import type { Ended } from '../../../core/model/target.js';
import { listBytes, ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { otherStatus, rowsOf, type VendorCall } from '../huawei.wire.js';
import { secondsOf, textOf, wholeOf, type RawMember } from '../json.wire.js';
import type { Page } from '../page.js';
import { instancePath, killRoute } from './dcs.wire.js';

/** Whose processes they become. */
export interface Owner {
  readonly target: string;
  readonly node: string | null;
  /** Hears of each client that is known by its `addr`, since its row has no `peer`. */
  readonly byAddress?: (id: string) => void;
}

/** The vendor's bound: rows of a page. */
export const rowsPerPage = 1000;

/**
 * DCS API reference, "Delivering a Task to Query Sessions": a fresh list, made by a job.
 * https://support.huaweicloud.com/intl/en-us/api-dcs/ScanClients.html
 */
export function encodeScan(nodeId: string): VendorCall {
  return {
    call: 'scan-clients',
    method: 'POST',
    path: `${instancePath}/clients`,
    body: JSON.stringify({ node_id: nodeId, clean_cache: true }),
    mutating: false,
    maxBytes: ordinaryBytes,
  };
}

/**
 * DCS API reference, "Obtaining Session List": what the last scan saw.
 * https://support.huaweicloud.com/intl/en-us/api-dcs/ListClients.html
 */
export function encodeList(nodeId: string, offset: number): VendorCall {
  const query = `node_id=${encodeURIComponent(nodeId)}&offset=${String(offset)}&limit=${String(rowsPerPage)}`;
  return {
    call: 'list-clients',
    method: 'GET',
    path: `${instancePath}/clients?${query}`,
    body: null,
    mutating: false,
    maxBytes: listBytes,
  };
}

/** A row of that list, as far as it is read: what Redis' CLIENT LIST tells, and the address that a kill takes. */
interface ClientRow {
  readonly peer?: RawMember;
  readonly addr?: RawMember;
  readonly user?: RawMember;
  readonly name?: RawMember;
  readonly cmd?: RawMember;
  readonly db?: RawMember;
  readonly flags?: RawMember;
  readonly age?: RawMember;
  readonly idle?: RawMember;
  readonly sub?: RawMember;
  readonly psub?: RawMember;
  readonly multi?: RawMember;
}

/** The answer to that. Nobody says whether `count` means all clients or the page: of a full page it may be either. */
export function decodeList(answer: Answer, owner: Owner): Page {
  const { body, read, count: rows } = rowsOf(answer, 'clients', ['count', 'time'], (row) => processOf(row, owner));
  const count = wholeOf(body.count);
  const isFullPage = rows === rowsPerPage && count === rowsPerPage;
  return { processes: read, rows, total: isFullPage ? null : count };
}

/**
 * The address that a kill takes. `peer` is documented for all instances but those with proxies: where a row has none,
 * the only address that it tells is its client's.
 */
function processOf(row: ClientRow, { target, node, byAddress }: Owner): Seen | null {
  const peer = textOf(row.peer)?.trim() ?? '';
  const id = peer === '' ? (textOf(row.addr)?.trim() ?? '') : peer;
  if (!isPeer(id)) return null;
  if (peer === '') byAddress?.(id);
  const ageSeconds = secondsOf(row.age);
  const idleSeconds = withinAge(secondsOf(row.idle), ageSeconds);
  const command = textOf(row.cmd);
  return {
    id,
    target,
    backend: 'dcs',
    node,
    user: textOf(row.user),
    client: clientFrom(textOf(row.addr)),
    database: textOf(row.db),
    application: textOf(row.name),
    // Redis' word for no command yet.
    command: command === 'NULL' ? null : command,
    state: stateOf(row, idleSeconds),
    idleSeconds,
    busySeconds: null,
    ageSeconds,
    ...untold,
    statement: null,
    draining: null,
    connectionType: textOf(row.flags),
  };
}

/**
 * What Redis' CLIENT LIST tells: blocked, subscribed, monitoring, replica and master clients work, however long ago
 * they last asked.
 */
function stateOf(row: ClientRow, idleSeconds: number | null): ProcessState | null {
  const flags = textOf(row.flags);
  const subscribed = (secondsOf(row.sub) ?? 0) + (secondsOf(row.psub) ?? 0) > 0;
  if (/[bPOSM]/.test(flags ?? '') || subscribed) return 'active';
  const isInTransaction = flags === null ? (wholeOf(row.multi) ?? -1) >= 0 : flags.includes('x');
  if (isInTransaction) return 'idleInTransaction';
  if (idleSeconds === null) return null;
  return idleSeconds >= 1 ? 'idle' : 'active';
}

/** An address by which a client can be killed: `ip:port`, `[v6]:port`. */
export const isPeer = isClientId;

/**
 * DCS API reference, "Killing Specified Sessions":
 * https://support.huaweicloud.com/intl/en-us/api-dcs/HangUpClients.html
 */
export function encodeKill(nodeId: string, peers: readonly string[]): VendorCall {
  return {
    call: 'clients/kill',
    ...killRoute,
    body: JSON.stringify({ node_id: nodeId, client_addrs: peers }),
    mutating: true,
    maxBytes: ordinaryBytes,
  };
}

/**
 * The answer to that: nothing, with 204. It does not tell which clients were there. Nothing with 200 may be what is
 * left of an answer that was cut off.
 */
export function decodeKill(answer: Answer, peers: readonly string[]): readonly Ended[] {
  if (answer.status !== 204) throw otherStatus(answer);
  return peers.map((id) => ({ id, outcome: 'ended' }));
}
