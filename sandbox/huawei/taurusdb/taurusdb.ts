import type { Clock, Emulator } from '../../exchange.ts';
import { databaseAdmission, DATABASE_COMPLAINTS, databaseErrorBody, findInstance, findNode } from '../databases.ts';
import type { Authenticate } from '../identity/authentication.ts';
import { onlyKnown, queryInteger, readBody } from '../members.ts';
import { createService } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import type { TaurusdbState } from './store.ts';
import type { TaurusNode, Thread } from './threads.ts';

const PROCESSES = '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes';
const INSTANCE_ID = /^[A-Za-z0-9]{32}in07$/;
const NODE_ID = /^[A-Za-z0-9]{32}no07$/;
const MOST_KILLED = 20;
const LARGEST_ID = 2n ** 63n - 1n;

/** TaurusDB v3: the user session threads of the given instances. */
export function createTaurusdb(authenticate: Authenticate, clock: Clock, state: TaurusdbState): Emulator {
  return createService({
    vendor: 'taurusdb',
    calls: [
      {
        name: 'list-processes',
        method: 'GET',
        path: PROCESSES,
        answer: (request) => listThreads(request, clock(), state),
      },
      {
        name: 'delete-processes',
        method: 'DELETE',
        path: PROCESSES,
        answer: (request) => killThreads(request, state),
      },
    ],
    admit: databaseAdmission(authenticate),
    errorBody: databaseErrorBody,
  });
}

/** "Querying User Session Threads on a Node" (ListTaurusDbNodeProcesses), by ascending id. */
function listThreads(request: CallRequest, now: number, state: TaurusdbState): Answer {
  const { query } = request;
  onlyKnown(query, ['offset', 'limit'], DATABASE_COMPLAINTS);
  const offset = queryInteger(query, 'offset', { least: 0, most: 2 ** 31 - 1, otherwise: 0 }, DATABASE_COMPLAINTS);
  const limit = queryInteger(query, 'limit', { least: 1, most: 100, otherwise: 100 }, DATABASE_COMPLAINTS);
  const listed = nodeOf(request, state)
    .threads.filter((thread) => !thread.internal)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  const processes = listed.slice(offset, offset + limit).map((thread) => threadRow(thread, now));
  return { status: 200, body: { processes, total_count: listed.length } };
}

/** "Terminating User Session Threads on a Node" (DeleteTaurusDbNodeProcesses): internal threads are passed over. */
function killThreads(request: CallRequest, state: TaurusdbState): Answer {
  onlyKnown(request.query, [], DATABASE_COMPLAINTS);
  const ids = readBody(request.arrived, ['processes'], DATABASE_COMPLAINTS).integers('processes');
  if (ids.length > MOST_KILLED || ids.some((id) => id < 0n || id > LARGEST_ID)) {
    throw DATABASE_COMPLAINTS.invalid('processes');
  }
  const node = nodeOf(request, state);
  const asked = new Set(ids);
  const internal = new Set(node.threads.filter((thread) => thread.internal).map((thread) => thread.id));
  const alive = new Set(node.threads.map((thread) => thread.id));
  node.threads = node.threads.filter((thread) => thread.internal || !asked.has(thread.id));
  return {
    status: 200,
    body: {
      processes_killed: [...asked].filter((id) => alive.has(id) && !internal.has(id)),
      processes_not_found: [...asked].filter((id) => !alive.has(id)),
    },
  };
}

function nodeOf(request: CallRequest, state: TaurusdbState): TaurusNode {
  const instance = findInstance(state.instances, request.parameter('instance_id'), INSTANCE_ID);
  return findNode(instance.nodes, request.parameter('node_id'), NODE_ID);
}

function threadRow({ id, user, host, db, command, state, info, since }: Thread, now: number): object {
  return { id, user, host, db, command, time: Math.max(0, Math.floor((now - since) / 1000)), state, info };
}
