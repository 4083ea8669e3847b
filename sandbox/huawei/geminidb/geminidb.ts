import type { Clock, PromptEmulator } from '../../exchange.ts';
import { databaseAdmission, DATABASE_COMPLAINTS, databaseErrorBody, findInstance } from '../databases.ts';
import type { Authenticate } from '../identity/authentication.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, queryInteger, queryText, readBody } from '../members.ts';
import { Refusal } from '../refusal.ts';
import { createService } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import type { GeminiInstance, GeminiSession } from './sessions.ts';
import type { GeminidbState } from './store.ts';

const NODE_SESSIONS = '/v3/{project_id}/redis/nodes/{node_id}/sessions';
const INSTANCE_SESSIONS = '/v3/{project_id}/instances/{instance_id}/sessions';
const INSTANCE_ID = /^[A-Za-z0-9]{32}in12$/;
const NODE_ID = /^[A-Za-z0-9]{32}no12$/;

/** GeminiDB v3: the sessions of the given Redis instances. */
export function createGeminidb(
  authenticate: Authenticate,
  clock: Clock,
  knobs: HuaweiKnobs,
  state: GeminidbState,
): PromptEmulator {
  const call = (name: string, method: string, path: string, answer: (request: CallRequest) => Answer) => ({
    name,
    method,
    path,
    answer,
  });
  return createService({
    vendor: 'geminidb',
    calls: [
      {
        ...call('list-sessions', 'GET', NODE_SESSIONS, (request) => listSessions(request, clock(), state)),
        latency: () => knobs.pageMs,
      },
      call('delete-sessions', 'DELETE', NODE_SESSIONS, (request) => deleteSessions(request, state)),
      call('list-instance-sessions', 'GET', INSTANCE_SESSIONS, (request) => listAll(request, clock(), state)),
      call('delete-instance-sessions', 'DELETE', INSTANCE_SESSIONS, (request) => deleteAll(request, state)),
    ],
    admit: databaseAdmission(authenticate, knobs),
    errorBody: databaseErrorBody,
  });
}

/** "Obtaining Sessions of a Node" (ListRedisNodesSessions), from the session that was created last. */
function listSessions(request: CallRequest, now: number, state: GeminidbState): Answer {
  const { query } = request;
  onlyKnown(query, ['offset', 'limit', 'addr_prefix'], DATABASE_COMPLAINTS);
  const offset = queryInteger(query, 'offset', { least: 0, most: 2 ** 31 - 1, otherwise: 0 }, DATABASE_COMPLAINTS);
  const limit = queryInteger(query, 'limit', { least: 1, most: 100, otherwise: 50 }, DATABASE_COMPLAINTS);
  const prefix = queryText(query, 'addr_prefix', DATABASE_COMPLAINTS) ?? '';
  const listed = nodeOf(request, state)
    .sessions.filter(({ addr }) => addr.startsWith(prefix))
    .toReversed();
  const sessions = listed.slice(offset, offset + limit).map((session) => rowOf(session, now));
  return { status: 200, body: { total_count: listed.length, sessions } };
}

/** "Closing Sessions of an Instance Node" (DeleteSessions): an id that is not there is passed over. */
function deleteSessions(request: CallRequest, state: GeminidbState): Answer {
  onlyKnown(request.query, [], DATABASE_COMPLAINTS);
  const body = readBody(request.arrived, ['is_all', 'session_ids'], DATABASE_COMPLAINTS);
  const isAll = body.optionalFlag('is_all');
  if (isAll === undefined) throw DATABASE_COMPLAINTS.invalid('is_all');
  const node = nodeOf(request, state);
  const ended = isAll ? null : new Set(body.texts('session_ids'));
  node.sessions = node.sessions.filter(({ id }) => ended !== null && !ended.has(id));
  return { status: 200, body: {} };
}

/** "Obtaining Instance Sessions" (ListInstancesSession): of all nodes, or of one. */
function listAll(request: CallRequest, now: number, state: GeminidbState): Answer {
  const sessions = nodesOf(request, state).map((node) => ({
    node_id: node.id,
    total_count: node.sessions.length,
    sessions: node.sessions.toReversed().map((session) => rowOf(session, now)),
  }));
  return { status: 200, body: { node_sessions: sessions } };
}

/** "Closing Instance Sessions" (DeleteInstancesSession): of all nodes, or of one; for instances with proxies. */
function deleteAll(request: CallRequest, state: GeminidbState): Answer {
  for (const node of nodesOf(request, state)) node.sessions = [];
  return { status: 200, body: {} };
}

function nodesOf(request: CallRequest, state: GeminidbState): GeminiInstance['nodes'] {
  onlyKnown(request.query, ['node_id'], DATABASE_COMPLAINTS);
  const instance = findInstance(state.instances, request.parameter('instance_id'), INSTANCE_ID);
  if (!instance.isProxied) {
    throw new Refusal(400, 'DBS.280406', 'This operation is not supported for instances of this type.');
  }
  const nodeId = queryText(request.query, 'node_id', DATABASE_COMPLAINTS);
  const nodes = instance.nodes.filter(({ id }) => nodeId === undefined || id === nodeId);
  if (nodes.length === 0) throw new Refusal(400, 'DBS.216030', 'The node does not belong to the instance.');
  return nodes;
}

function nodeOf(request: CallRequest, state: GeminidbState): GeminiInstance['nodes'][number] {
  const id = request.parameter('node_id');
  if (!NODE_ID.test(id)) throw new Refusal(400, 'DBS.280407', 'Invalid node ID.');
  const node = state.findNode(id);
  if (!node) throw new Refusal(404, 'DBS.200010', 'The node does not exist.');
  return node;
}

/** All members are strings for the vendor's clients. */
function rowOf({ connectedAt, lastCommandAt, sub, psub, multi, ...facts }: GeminiSession, now: number): object {
  const seconds = (since: number): string => String(Math.max(0, Math.floor((now - since) / 1000)));
  const counts = { sub: String(sub), psub: String(psub), multi: String(multi) };
  return { ...facts, ...counts, age: seconds(connectedAt), idle: seconds(lastCommandAt) };
}
