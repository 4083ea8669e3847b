import type { Clock, PromptEmulator } from '../../exchange.ts';
import { databaseAdmission, DATABASE_COMPLAINTS, databaseErrorBody, findInstance, findNode } from '../databases.ts';
import type { Authenticate } from '../identity/authentication.ts';
import { rowId } from '../knobs.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { onlyKnown, queryInteger, queryText, readBody } from '../members.ts';
import { createService } from '../service.ts';
import type { Answer, CallRequest } from '../service.ts';
import type { TaurusdbState } from './store.ts';
import type { TaurusNode, Thread } from './threads.ts';

const INSTANCE = '/v3/{project_id}/instances/{instance_id}';
const PROCESSES = `${INSTANCE}/nodes/{node_id}/processes`;
const INSTANCE_ID = /^[A-Za-z0-9]{32}in07$/;
const NODE_ID = /^[A-Za-z0-9]{32}no07$/;
const MOST_KILLED = 20;
const LARGEST_ID = 2n ** 63n - 1n;

/** TaurusDB v3: the user session threads of the given instances. */
export function createTaurusdb(
  authenticate: Authenticate,
  clock: Clock,
  knobs: HuaweiKnobs,
  state: TaurusdbState,
): PromptEmulator {
  return createService({
    vendor: 'taurusdb',
    calls: [
      {
        name: 'list-processes',
        method: 'GET',
        path: PROCESSES,
        latency: () => knobs.pageMs,
        answer: (request) => listThreads(request, clock(), knobs, state),
      },
      {
        name: 'delete-processes',
        method: 'DELETE',
        path: PROCESSES,
        answer: (request) => killThreads(request, state),
      },
      {
        name: 'lock-wait',
        method: 'GET',
        path: `${INSTANCE}/nodes/{node_id}/process/lock-wait`,
        answer: (request) => showLockWait(request, clock(), state),
      },
      {
        name: 'show-instance',
        method: 'GET',
        path: INSTANCE,
        answer: (request) => showInstance(request, state),
      },
    ],
    admit: databaseAdmission(authenticate, knobs),
    errorBody: databaseErrorBody,
  });
}

/** "Querying User Session Threads on a Node" (ListTaurusDbNodeProcesses), by ascending id. */
function listThreads(request: CallRequest, now: number, knobs: HuaweiKnobs, state: TaurusdbState): Answer {
  const { query } = request;
  onlyKnown(query, ['offset', 'limit'], DATABASE_COMPLAINTS);
  const offset = queryInteger(query, 'offset', { least: 0, most: 2 ** 31 - 1, otherwise: 0 }, DATABASE_COMPLAINTS);
  const limit = queryInteger(query, 'limit', { least: 1, most: 100, otherwise: 100 }, DATABASE_COMPLAINTS);
  const listed = nodeOf(request, state).threads.filter((thread) => !thread.internal);
  // Ten thousand are asked for page by page: they are put in order only where they are not.
  const isOrdered = listed.every((thread, index) => index === 0 || (listed[index - 1]?.id ?? 0n) <= thread.id);
  if (!isOrdered) listed.sort((left, right) => (left.id < right.id ? -1 : 1));
  const processes = listed.slice(offset, offset + limit).map((thread, index) => ({
    id: rowId(knobs, offset + index, thread.id, 'numbers'),
    ...threadFacts(thread, now),
  }));
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

/** "Querying Lock Waits of a Session" (ShowLockWaitSession): nothing about a thread that waits for nobody. */
function showLockWait(request: CallRequest, now: number, state: TaurusdbState): Answer {
  onlyKnown(request.query, ['pid'], DATABASE_COMPLAINTS);
  const pid = queryText(request.query, 'pid', DATABASE_COMPLAINTS) ?? '';
  if (!/^[1-9]\d{0,18}$/.test(pid)) throw DATABASE_COMPLAINTS.invalid('pid');
  const { threads } = nodeOf(request, state);
  const waiting = threads.find(({ id }) => id === BigInt(pid));
  const blocker = waiting && threads.find(({ id }) => id === waiting.blockedBy);
  if (!blocker) return { status: 200, body: {} };
  const cause = {
    locked_pid: waiting.id,
    locked_sql: waiting.info,
    wait_seconds: secondsSince(waiting.since, now),
    lock_db: waiting.db,
    blocker_pid: blocker.id,
    blocker_state: blocker.state,
    blocker_age: secondsSince(blocker.since, now),
    blocker_current_sql: [blocker.info],
    blocker_host: blocker.host,
    blocker_command: blocker.command,
  };
  return { status: 200, body: { abnormal_root_cause: { abnormal_type: 'LOCK_WAIT', lock_root_cause: cause } } };
}

/** "Querying Details of a DB Instance" (ShowGaussMySqlInstanceInfo), as far as its nodes go. */
function showInstance(request: CallRequest, state: TaurusdbState): Answer {
  onlyKnown(request.query, [], DATABASE_COMPLAINTS);
  const instance = findInstance(state.instances, request.parameter('instance_id'), INSTANCE_ID);
  const nodes = instance.nodes.map(({ id, type, status }, index) => ({ id, name: `node-${index + 1}`, type, status }));
  return { status: 200, body: { instance: { id: instance.id, status: 'ACTIVE', node_count: nodes.length, nodes } } };
}

function nodeOf(request: CallRequest, state: TaurusdbState): TaurusNode {
  const instance = findInstance(state.instances, request.parameter('instance_id'), INSTANCE_ID);
  return findNode(instance.nodes, request.parameter('node_id'), NODE_ID);
}

function threadFacts({ user, host, db, command, state, info, since }: Thread, now: number): object {
  return { user, host, db, command, time: secondsSince(since, now), state, info };
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 1000));
}
