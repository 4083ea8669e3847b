import type { Clock, PromptEmulator } from '../../exchange.ts';
import { databaseAdmission, DATABASE_COMPLAINTS, databaseErrorBody, findInstance, findNode } from '../databases.ts';
import type { Authenticate } from '../identity/authentication.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, queryInteger, queryText, readBody } from '../members.ts';
import type { Members } from '../members.ts';
import { Refusal } from '../refusal.ts';
import { createService } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import { sessionRows } from './rows.ts';
import type { Component, GaussInstance } from './sessions.ts';
import type { GaussdbState } from './store.ts';

const INSTANCE = '/v3/{project_id}/instances/{instance_id}';
const ID = /^[A-Za-z0-9]{36}$/;
const COMPONENT_ID = /^(cn|dn|cm|gtm|etcd)_\d+$/;
const MOST_SESSIONS_LISTED = 200;
const COMPONENT_TYPES = ['ALL', 'CN', 'DN', 'CM', 'GTM', 'ETCD'];

/** GaussDB v3: session management of the given instances. */
export function createGaussdb(
  authenticate: Authenticate,
  clock: Clock,
  knobs: HuaweiKnobs,
  state: GaussdbState,
): PromptEmulator {
  return createService({
    vendor: 'gaussdb',
    calls: [
      {
        name: 'kill-free-session',
        method: 'POST',
        path: `${INSTANCE}/kill-free-session`,
        answer: (request) => killFreeSessions(request, state),
      },
      {
        name: 'real-time-session',
        method: 'POST',
        path: `${INSTANCE}/real-time-session`,
        latency: () => knobs.pageMs,
        answer: (request) => listSessions(request, clock(), knobs, state),
      },
      {
        name: 'kill-session',
        method: 'POST',
        path: `${INSTANCE}/kill-session`,
        answer: (request) => killSessions(request, state),
      },
      {
        name: 'components',
        method: 'GET',
        path: `${INSTANCE}/components`,
        answer: (request) => listComponents(request, state),
      },
      {
        name: 'key-view-execute-node',
        method: 'POST',
        path: `${INSTANCE}/key-view-execute-node`,
        answer: (request) => listExecutingNodes(request, state),
      },
    ],
    admit: databaseAdmission(authenticate, knobs),
    errorBody: databaseErrorBody,
  });
}

/** "Querying and Killing Idle Sessions" (StopFreeSession): sessions in a transaction are not free. */
function killFreeSessions(request: CallRequest, state: GaussdbState): Answer {
  const { component } = readPlace(request, state, ['instance_id']);
  if (state.takeFailure()) return { status: 200, body: { success: false } };
  component.sessions = component.sessions.filter((session) => session.state !== 'idle');
  return { status: 200, body: { success: true } };
}

/** "Killing Sessions": answers the ids that it ended, and not those it did not find. */
function killSessions(request: CallRequest, state: GaussdbState): Answer {
  const { component, members } = readPlace(request, state, ['instance_id', 'session_ids']);
  const ids = new Set(members.texts('session_ids'));
  if (![...ids].every((id) => /^\d+$/.test(id))) throw DATABASE_COMPLAINTS.invalid('session_ids');
  if (state.takeFailure()) return { status: 200, body: { success: false, session_ids: [] } };
  const killed = component.sessions.filter((session) => ids.has(session.id));
  component.sessions = component.sessions.filter((session) => !ids.has(session.id));
  return { status: 200, body: { success: true, session_ids: killed.map((session) => session.id) } };
}

/** "Querying Real-Time Sessions" (ListRealTimeSessions): at most 200 records, without a word about the rest. */
function listSessions(request: CallRequest, now: number, knobs: HuaweiKnobs, state: GaussdbState): Answer {
  const { component, members } = readPlace(request, state, ['query_info']);
  const filter = members.optionalObject('query_info', ['database_name', 'client_ip', 'user_name']);
  const databaseName = filter?.optionalText('database_name');
  const clientIp = filter?.optionalText('client_ip');
  const userName = filter?.optionalText('user_name');
  const found = component.sessions
    .filter((session) => databaseName === undefined || session.databaseName === databaseName)
    .filter((session) => clientIp === undefined || session.clientIp === clientIp)
    .filter((session) => userName === undefined || session.userName === userName);
  const sessions = sessionRows(found, component, now, knobs).slice(0, MOST_SESSIONS_LISTED);
  return { status: 200, body: { sessions } };
}

/** "Querying the Component List" (ListComponentInfos) */
function listComponents(request: CallRequest, state: GaussdbState): Answer {
  const { query } = request;
  onlyKnown(query, ['offset', 'limit', 'component_type', 'availability_zone_id'], DATABASE_COMPLAINTS);
  const instance = instanceOf(request, state);
  const offset = queryInteger(query, 'offset', { least: 0, most: 2 ** 31 - 1, otherwise: 0 }, DATABASE_COMPLAINTS);
  const limit = queryInteger(query, 'limit', { least: 1, most: 100, otherwise: 100 }, DATABASE_COMPLAINTS);
  const type = queryText(query, 'component_type', DATABASE_COMPLAINTS) ?? 'ALL';
  if (!COMPONENT_TYPES.includes(type)) throw DATABASE_COMPLAINTS.invalid('component_type');
  const zone = queryText(query, 'availability_zone_id', DATABASE_COMPLAINTS);
  const nodes = instance.nodes
    .filter((node) => zone === undefined || node.zone === zone)
    .map((node) => ({
      id: node.id,
      name: node.name,
      status: 'ACTIVE',
      availability_zone_id: node.zone,
      description: '',
      components: node.components.filter((each) => type === 'ALL' || each.type === type).map(componentRow),
    }))
    .filter((node) => node.components.length > 0);
  return { status: 200, body: { nodes: nodes.slice(offset, offset + limit), total_count: nodes.length } };
}

/**
 * "Querying Nodes for Execution" (ListKeyViewExecuteNodes): the pairs of node and component that the session calls
 * take.
 */
function listExecutingNodes(request: CallRequest, state: GaussdbState): Answer {
  onlyKnown(request.query, [], DATABASE_COMPLAINTS);
  const nodes = instanceOf(request, state).nodes.flatMap((node) =>
    node.components
      .filter(({ type }) => type !== 'CM')
      .map(({ id, role, type }) => ({
        node_id: node.id,
        node_name: node.name,
        role,
        type,
        distributed_id: '',
        component_id: id,
        detail: '',
      })),
  );
  return { status: 200, body: { nodes } };
}

function readPlace(
  request: CallRequest,
  state: GaussdbState,
  more: readonly string[],
): { component: Component; members: Members } {
  onlyKnown(request.query, [], DATABASE_COMPLAINTS);
  const members = readBody(request.arrived, ['node_id', 'component_id', ...more], DATABASE_COMPLAINTS);
  const instance = instanceOf(request, state);
  const repeated = members.optionalText('instance_id');
  if (repeated !== undefined && repeated !== instance.id) throw DATABASE_COMPLAINTS.invalid('instance_id');
  const node = findNode(instance.nodes, members.text('node_id'), ID);
  const componentId = members.text('component_id');
  if (!COMPONENT_ID.test(componentId)) throw new Refusal(400, 'DBS.280667', 'Invalid component ID.');
  const component = node.components.find((candidate) => candidate.id === componentId);
  if (!component) throw new Refusal(400, 'DBS.280676', 'The component is not on the node.');
  if (component.type === 'CM') throw new Refusal(400, 'DBS.280667', 'Only CN and DN components have sessions.');
  return { component, members };
}

function instanceOf(request: CallRequest, state: GaussdbState): GaussInstance {
  return findInstance(state.instances, request.parameter('instance_id'), ID);
}

function componentRow({ id, role, status, type }: Component): object {
  return { id, role, status, type, distributed_id: '', detail: '' };
}
