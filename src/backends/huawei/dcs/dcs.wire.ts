import { Failure } from '../../../core/model/failure.js';
import type { VendorRoute } from '../../../core/model/target.js';
import { vendorWord, vendorWords } from '../../../transport/vendor-words.js';
import { ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, mixedBodyOf, told, unmixed, type VendorCall } from '../huawei.wire.js';
import { malformedJson, objectsOf, textOf, type RawMember } from '../json.wire.js';

/** The path of an instance. */
export const instancePath = '/v2/{project_id}/instances/{instance_id}';

/** Where a kill of some clients goes. */
export const killRoute = { method: 'POST', path: `${instancePath}/clients/kill` } as const satisfies VendorRoute;

/** Where a kill of all clients goes. */
export const killAllRoute = { method: 'POST', path: `${instancePath}/clients/kill-all` } as const satisfies VendorRoute;

/**
 * DCS API reference, "Querying Logical Nodes":
 * https://support.huaweicloud.com/intl/en-us/api-dcs/ListLogicalNodes.html
 */
export function encodeNodes(): VendorCall {
  const path = `${instancePath}/logical-nodes`;
  return { call: 'logical-nodes', method: 'GET', path, body: null, mutating: false, maxBytes: ordinaryBytes };
}

/**
 * The ids of the nodes that have clients, whatever their status: who cannot be asked says so. Where an instance has
 * proxies, clients are theirs: a data node behind them is not listed.
 */
export function decodeNodes(answer: Answer): readonly string[] {
  const body = bodyOf(answer);
  const rows: readonly NodeRow[] = objectsOf(body.nodes, 'nodes');
  const proxies = rows.filter(isProxy);
  const ids = (proxies.length > 0 ? proxies : rows).map((row) => {
    const id = textOf(row.node_id);
    if (id === null) throw malformedJson('The answer has a node without an id.');
    return id;
  });
  if (ids.length > 0) return [...new Set(ids)];
  throw new Failure('upstream-unavailable', 'DCS names no node of this instance.', {
    sent: 'refused',
  });
}

interface NodeRow {
  readonly node_id?: RawMember;
  readonly node_role?: RawMember;
  readonly node_type?: RawMember;
}

function isProxy(row: NodeRow): boolean {
  return [row.node_role, row.node_type].some((kind) => /proxy/i.test(textOf(kind) ?? ''));
}

/**
 * DCS API reference, "Killing All Sessions of a Specified Node or Instance". Of one node, or of all: never both
 * members, since nobody tells which of them wins.
 * https://support.huaweicloud.com/intl/en-us/api-dcs/HangUpKillAllClients.html
 */
export function encodeKillAll(nodeId: string | null): VendorCall {
  return {
    call: 'clients/kill-all',
    ...killAllRoute,
    body: JSON.stringify(nodeId === null ? { kill_all_nodes: true } : { node_id: nodeId }),
    mutating: true,
    maxBytes: ordinaryBytes,
  };
}

/** The id of the job that a call began. One that repeats a credential is none. */
export function decodeJobId(answer: Answer, secrets: readonly string[]): string {
  const id = vendorWord(textOf(bodyOf(answer).job_id)?.trim() ?? '', secrets) ?? '';
  if (!/^[\w-]{1,64}$/.test(id)) throw malformedJson('The answer names no job.');
  return id;
}

/**
 * DCS API reference, "Querying Task Progress":
 * https://support.huaweicloud.com/intl/en-us/api-dcs/ShowJobInfo.html
 */
export function encodeJob(job: string): VendorCall {
  const where = { path: '/v2/{project_id}/jobs/{job_id}', parameters: { job_id: job } };
  return { call: 'show-job', method: 'GET', ...where, body: null, mutating: false, maxBytes: ordinaryBytes };
}

/** How far a job is: undefined while it runs. A status that nobody documented is taken for running. */
export function decodeJob(answer: Answer, job: string, secrets: readonly string[]): 'ended' | Failure | undefined {
  const body = mixedBodyOf(answer);
  const about = textOf(body.job_id)?.trim();
  if (about !== undefined && about !== job) throw malformedJson('The answer is about another job.');
  const status = textOf(body.status)?.trim().toUpperCase();
  if (status === undefined) throw malformedJson('The answer does not tell how far the job is.');
  if (status === 'SUCCESS') {
    unmixed(body);
    return 'ended';
  }
  if (status !== 'FAIL') return undefined;
  // The reference's own example misspells it.
  const reason = textOf(body.fail_reason) ?? textOf(body.fail_resson);
  return new Failure('upstream-rejected', `DCS began job ${job}, and it failed.`, {
    sent: 'refused',
    upstream: { ...told(answer), message: reason === null ? null : vendorWords(reason, secrets) },
  });
}
