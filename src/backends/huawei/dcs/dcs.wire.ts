import { Failure } from '../../../core/model/failure.js';
import type { Route } from '../../../core/model/target.js';
import { vendorWords } from '../../../transport/vendor-words.js';
import { ordinaryBytes, type Answer } from '../../../transport/exchange.js';
import { bodyOf, filledIn, pathOf, told, type VendorCall } from '../huawei.wire.js';
import { malformed, objectsOf, textOf, type JsonObject } from '../json.wire.js';

/** A DCS instance. */
export interface Instance {
  readonly projectId: string;
  readonly instanceId: string;
}

const instanceTemplate = '/v2/{project_id}/instances/{instance_id}';

export function instancePath({ projectId, instanceId }: Instance): string {
  return filledIn(instanceTemplate, { project_id: projectId, instance_id: instanceId });
}

/** Where a kill of some clients goes. */
export const killRoute = { method: 'POST', path: `${instanceTemplate}/clients/kill` } as const satisfies Route;

/** Where a kill of all clients goes. */
export const killAllRoute = { method: 'POST', path: `${instanceTemplate}/clients/kill-all` } as const satisfies Route;

/** The path of a template, for one instance. */
export function pathFor(route: Route, { projectId, instanceId }: Instance): string {
  return filledIn(route.path, { project_id: projectId, instance_id: instanceId });
}

/** DCS API reference, "Querying Logical Nodes". */
export function encodeNodes(instance: Instance): VendorCall {
  const path = `${instancePath(instance)}/logical-nodes`;
  return { call: 'logical-nodes', method: 'GET', path, body: null, mutating: false, maxBytes: ordinaryBytes };
}

/**
 * The ids of the active nodes that have clients. Where an instance has proxies, clients are theirs: a data node behind them
 * is not listed.
 */
export function decodeNodes(answer: Answer): readonly string[] {
  const body = bodyOf(answer);
  const rows = objectsOf(body.nodes, 'nodes');
  const proxies = rows.filter(isProxy);
  const ids = (proxies.length > 0 ? proxies : rows).filter(isActive).map((row) => {
    const id = textOf(row.node_id);
    if (id === null) throw malformed('The answer has a node without an id.');
    return id;
  });
  if (ids.length > 0) return [...new Set(ids)];
  throw new Failure('upstream-unavailable', 'DCS names no active node of this instance.', {
    sent: 'refused',
  });
}

function isProxy(row: JsonObject): boolean {
  return [row.node_role, row.node_type].some((kind) => /proxy/i.test(textOf(kind) ?? ''));
}

/** A node that does not tell its status is asked. */
function isActive(row: JsonObject): boolean {
  return /^active$/i.test(textOf(row.status) ?? 'active');
}

/**
 * DCS API reference, "Killing All Sessions of a Specified Node or Instance". Of one node, or of all: never both members, since
 * nobody tells which of them wins.
 */
export function encodeKillAll(instance: Instance, nodeId: string | null): VendorCall {
  return {
    call: 'clients/kill-all',
    method: killAllRoute.method,
    path: pathFor(killAllRoute, instance),
    body: JSON.stringify(nodeId === null ? { kill_all_nodes: true } : { node_id: nodeId }),
    mutating: true,
    maxBytes: ordinaryBytes,
  };
}

/** The id of the job that a call began. */
export function decodeJobId(answer: Answer): string {
  const id = textOf(bodyOf(answer).job_id)?.trim() ?? '';
  if (!/^[\w-]{1,64}$/.test(id)) throw malformed('The answer names no job.');
  return id;
}

/** DCS API reference, "Querying Task Progress". */
export function encodeJob(projectId: string, job: string): VendorCall {
  const path = pathOf('v2', projectId, 'jobs', job);
  return { call: 'show-job', method: 'GET', path, body: null, mutating: false, maxBytes: ordinaryBytes };
}

/** How far a job is: undefined while it runs. A status that nobody documented is taken for running. */
export function decodeJob(answer: Answer, job: string, secrets: readonly string[]): 'ended' | Failure | undefined {
  const body = bodyOf(answer);
  const status = textOf(body.status)?.trim().toUpperCase();
  if (status === undefined) throw malformed('The answer does not tell how far the job is.');
  if (status === 'SUCCESS') return 'ended';
  if (status !== 'FAIL') return undefined;
  // The reference's own example misspells it.
  const reason = textOf(body.fail_reason) ?? textOf(body.fail_resson);
  return new Failure('upstream-rejected', `DCS began job ${job}, and it failed.`, {
    sent: 'refused',
    upstream: { ...told(answer), message: reason === null ? null : vendorWords(reason, secrets) },
  });
}
