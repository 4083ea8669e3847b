import type { PromptEmulator } from '../../exchange.ts';
import type { Authenticate } from '../identity/authentication.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, queryInteger, queryText, readBody } from '../members.ts';
import { Refusal } from '../refusal.ts';
import { createService } from '../service.ts';
import type { Answer, Call, CallRequest } from '../service.ts';
import type { CacheInstance, CacheNode, ClientRow } from './clients.ts';
import {
  CACHE_COMPLAINTS,
  cacheAdmission,
  cacheErrorBody,
  cacheNode,
  clientNodes,
  instanceOf,
  jobIdOf,
} from './requests.ts';
import type { DcsState } from './store.ts';

const INSTANCE = '/v2/{project_id}/instances/{instance_id}';
const PEER = /^[0-9A-Fa-f.:[\]]+:\d{1,5}$/;
const SORT_FIELDS =
  'id addr fd name cmd age idle db flags sub psub multi qbuf qbuf_free obl oll omem events network peer user'.split(
    ' ',
  );

/** DCS v2: session management of the given instances. */
export function createDcs(authenticate: Authenticate, knobs: HuaweiKnobs, state: DcsState): PromptEmulator {
  const call = (name: string, line: string, answer: (request: CallRequest, instances: DcsState) => Answer): Call => {
    const [method = '', path = ''] = line.split(' ');
    return { name, method, path, answer: (request) => answer(request, state) };
  };
  return createService({
    vendor: 'dcs',
    calls: [
      call('scan-clients', `POST ${INSTANCE}/clients`, scanClients),
      { ...call('list-clients', `GET ${INSTANCE}/clients`, listClients), latency: () => knobs.pageMs },
      call('kill-clients', `POST ${INSTANCE}/clients/kill`, killClients),
      call('kill-all-clients', `POST ${INSTANCE}/clients/kill-all`, killAllClients),
      call('logical-nodes', `GET ${INSTANCE}/logical-nodes`, listNodes),
      call('show-job', 'GET /v2/{project_id}/jobs/{job_id}', showJob),
    ],
    admit: cacheAdmission(authenticate, knobs),
    errorBody: cacheErrorBody,
  });
}

/** "Delivering a Task to Query Sessions" (ScanClients); without a node it scans all of them. */
function scanClients(request: CallRequest, state: DcsState): Answer {
  const body = bodyOf(request, ['node_id', 'clean_cache']);
  const instance = instanceOf(request, state);
  const nodeId = body.optionalText('node_id');
  const nodes = nodeId === undefined ? clientNodes(instance) : [cacheNode(instance, nodeId)];
  refuseWhileBusy('scan', instance, state);
  const job = state.scan(instance, nodes, body.optionalFlag('clean_cache') ?? false);
  return { status: 200, body: { job_id: job.id } };
}

/** "Obtaining Session List" (ListClients): what the last scan saw, and a 500 before the first. */
function listClients(request: CallRequest, state: DcsState): Answer {
  const { query } = request;
  onlyKnown(query, ['node_id', 'offset', 'limit', 'addr', 'sort', 'order'], CACHE_COMPLAINTS);
  const instance = instanceOf(request, state);
  const nodeId = queryText(query, 'node_id', CACHE_COMPLAINTS);
  if (nodeId === undefined) throw CACHE_COMPLAINTS.invalid('node_id');
  const { listing } = cacheNode(instance, nodeId);
  const offset = queryInteger(query, 'offset', { least: 0, most: 2 ** 31 - 1, otherwise: 0 }, CACHE_COMPLAINTS);
  const limit = queryInteger(query, 'limit', { least: 1, most: 1000, otherwise: 10 }, CACHE_COMPLAINTS);
  const addr = queryText(query, 'addr', CACHE_COMPLAINTS) ?? '';
  const order = readOrder(query);
  if (!listing) throw new Refusal(500, 'DCS.5000', 'Internal service error.');
  const found = listing.rows.filter((row) => String(row.addr).includes(addr)).sort(order);
  return {
    status: 200,
    body: {
      time: new Date(listing.takenAt).toISOString(),
      clients: found.slice(offset, offset + limit),
      count: found.length,
    },
  };
}

/** "Killing Specified Sessions" (HangUpClients): by `peer`, and without a word about those it did not find. */
function killClients(request: CallRequest, state: DcsState): Answer {
  const body = bodyOf(request, ['node_id', 'client_addrs']);
  const instance = instanceOf(request, state);
  const node = cacheNode(instance, body.text('node_id'));
  const peers = body.texts('client_addrs');
  if (!peers.every((peer) => PEER.test(peer))) throw CACHE_COMPLAINTS.invalid('client_addrs');
  refuseWhileBusy('kill', instance, state);
  node.clients = node.clients.filter((client) => !peers.includes(client.peer));
  return { status: 204 };
}

/** "Killing All Sessions of a Specified Node or Instance" (HangUpKillAllClients): `kill_all_nodes` wins. */
function killAllClients(request: CallRequest, state: DcsState): Answer {
  const body = bodyOf(request, ['node_id', 'kill_all_nodes']);
  const instance = instanceOf(request, state);
  const nodeId = body.optionalText('node_id');
  const nodes = body.optionalFlag('kill_all_nodes') ? clientNodes(instance) : [chosenNode(instance, nodeId)];
  refuseWhileBusy('kill', instance, state);
  return { status: 200, body: { job_id: state.killAll(instance, nodes).id } };
}

/** "Querying Task Progress" (ShowJobInfo) */
function showJob(request: CallRequest, { jobs }: DcsState): Answer {
  onlyKnown(request.query, [], CACHE_COMPLAINTS);
  const job = jobs.find(jobIdOf(request));
  if (!job) throw new Refusal(404, 'DCS.4001', 'The task does not exist.');
  const status = jobs.status(job);
  const over = status === 'SUCCESS' || status === 'FAIL';
  return {
    status: 200,
    body: {
      job_id: job.id,
      job_type: job.type,
      status,
      begin_time: String(job.startedAt),
      end_time: over ? String(job.endsAt) : null,
      fail_reason: over ? job.failReason : null,
    },
  };
}

/** "Querying Logical Nodes" (ListNodes of an instance from Redis 4.0 on) */
function listNodes(request: CallRequest, state: DcsState): Answer {
  onlyKnown(request.query, [], CACHE_COMPLAINTS);
  const instance = instanceOf(request, state);
  const nodes = instance.nodes.map((node) => ({
    node_id: node.id,
    logical_node_id: node.id,
    name: `node-${node.ip}`,
    node_role: node.type === 'proxy' ? 'redis-proxy' : 'redis-server',
    node_type: node.type,
    status: node.status,
    az_code: 'ap-southeast-1a',
    node_ip: node.ip,
    node_port: '6379',
    group_id: instance.id,
    group_name: 'group-0',
    is_access: true,
    is_remove_ip: false,
    priority_weight: 100,
    dimensions: [],
  }));
  return { status: 200, body: { instance_id: instance.id, total: nodes.length, nodes } };
}

function bodyOf(request: CallRequest, known: readonly string[]): ReturnType<typeof readBody> {
  onlyKnown(request.query, [], CACHE_COMPLAINTS);
  return readBody(request.arrived, known, CACHE_COMPLAINTS);
}

function chosenNode(instance: CacheInstance, id: string | undefined): CacheNode {
  if (id === undefined) throw CACHE_COMPLAINTS.invalid('node_id');
  return cacheNode(instance, id);
}

function refuseWhileBusy(what: 'scan' | 'kill', instance: CacheInstance, state: DcsState): void {
  if (!state.isBusy(instance, what)) return;
  throw new Refusal(400, 'DCS.4957', 'This operation is not allowed when the task is in the current state.');
}

function readOrder(query: URLSearchParams): (left: ClientRow, right: ClientRow) => number {
  const field = queryText(query, 'sort', CACHE_COMPLAINTS);
  const order = queryText(query, 'order', CACHE_COMPLAINTS) ?? 'desc';
  if (field !== undefined && !SORT_FIELDS.includes(field)) throw CACHE_COMPLAINTS.invalid('sort');
  if (order !== 'asc' && order !== 'desc') throw CACHE_COMPLAINTS.invalid('order');
  if (field === undefined) return () => 0;
  const sign = order === 'asc' ? 1 : -1;
  return (left, right) => sign * compare(left[field] ?? '', right[field] ?? '');
}

function compare(left: string | number | bigint, right: string | number | bigint): number {
  const difference = Number(left) - Number(right);
  if (!Number.isNaN(difference)) return difference;
  return String(left) < String(right) ? -1 : Number(left !== right);
}
