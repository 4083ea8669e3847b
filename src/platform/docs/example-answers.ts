import { exampleOf } from './example-call.js';
import { doneBy, partlyBy, rejectedKill, runningBy, unansweredKill } from './example-operations.js';
import { endedItem, seenProcess } from './example-outcomes.js';

const cursor = 'WzEsIm9wXzBteDQ1azd0aTAwNTNjYzIzZGZmOGMzZjQiXQ';

const target = {
  name: 'orders',
  backend: 'taurusdb',
  description: 'Orders, production',
  labels: { env: 'prod' },
  nodes: ['primary', 'replica'],
  abilities: ['look', 'flush', 'kill'],
  filters: ['node', 'id', 'user', 'client', 'database', 'command', 'state', 'minIdleSeconds', 'minBusySeconds'],
  states: ['active', 'idle'],
  limits: { maxProcesses: 50, maxShare: 0.5, killsPerMinute: 200, killsLeft: 200 },
  readOnly: false,
  frozenUntil: null,
  may: ['look', 'flush', 'kill'],
  health: { state: 'ok', checkedAt: '2026-11-21T02:59:58.000Z', code: null },
};

const freeze = {
  id: exampleOf.freeze,
  targets: ['orders'],
  labels: null,
  reason: 'a release',
  requestedBy: 'ops',
  createdAt: '2026-11-21T03:00:00.000Z',
  expiresAt: '2026-11-21T03:10:00.000Z',
};

/** What an operation leaves out where many are listed. */
function summaryOf(operation: object): object {
  const { targets, ...header } = operation as { readonly targets: readonly Record<string, unknown>[] };
  return {
    ...header,
    targets: targets.map(({ items: _items, itemsOmitted: _omitted, calls: _calls, ...summary }) => summary),
  };
}

const said = (is: string) => ({
  approval: {
    requestedAt: '2026-11-21T03:00:00.000Z',
    expiresAt: '2026-11-21T03:30:00.000Z',
    needs: { action: 'approve', targets: ['orders'], notBy: [exampleOf.caller] },
    decision: { is, at: '2026-11-21T03:00:00.000Z', by: 'dba-on-call', reason: null },
  },
});

const events = `id: 3
event: started
data: {"at":"2026-11-21T03:00:00.010Z","target":"orders","node":"primary","processes":1}

id: 4
event: answered
data: {"at":"2026-11-21T03:00:00.022Z","target":"orders","node":"primary"}

`;

const columns =
  'id,createdAt,endedAt,kind,mode,state,dryRun,requestedBy,requestedByName,onBehalfOf,reason,requestId,targets,' +
  'ended,deferred,notFound,skipped,failed,unknown,wouldEnd,breakGlass,decision,decidedBy,cancelledBy,acknowledgedBy';
const cells =
  `${exampleOf.operation},2026-11-21T03:00:00.000Z,2026-11-21T03:00:00.022Z,processes.kill,,succeeded,false,` +
  `${exampleOf.caller},,,runaway,${exampleOf.request},orders,1,0,0,0,0,0,0,,,,,`;
const csv = `${columns}\r\n${cells}\r\n`;
const processCsv =
  'target,backend,node,id,user,client,database,application,command,state,idleSeconds,busySeconds,ageSeconds,' +
  'transactionSeconds,waitEvent,blockedBy,statementId,draining,protected,statement\r\n' +
  'orders,taurusdb,primary,2075425,orders_app,10.0.1.17:50001,orders,,Sleep,idle,3604,,,,,,,,,\r\n';

/** What each call answers where it was done, by the id of the operation and the status; with a media type, of that. */
export const answerExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  getMe: {
    200: {
      name: exampleOf.caller,
      credential: 'apiKey',
      expiresAt: null,
      grants: [{ role: 'operator', targets: ['orders', 'bi-*'], statements: false }],
    },
  },
  listTargets: { 200: { items: [target] } },
  getTarget: { 200: target },
  listProcesses: {
    200: {
      items: [seenProcess],
      targets: [
        {
          target: 'orders',
          status: 'ok',
          matched: 1,
          connected: 51,
          complete: true,
          collectedAt: '2026-11-21T03:00:00.000Z',
        },
      ],
      nextPageToken: null,
    },
    '200 application/x-ndjson': `${JSON.stringify(seenProcess)}\n`,
    '200 text/csv': processCsv,
  },
  killProcesses: { 200: doneBy('kill'), 202: runningBy('kill'), 207: partlyBy('kill') },
  flushSessions: { 200: doneBy('flush'), 202: runningBy('flush'), 207: partlyBy('flush') },
  tuneSession: { 200: doneBy('tune'), 202: runningBy('tune') },
  listOperations: {
    200: { items: [summaryOf(doneBy('kill'))], nextPageToken: cursor },
    '200 application/x-ndjson': `${JSON.stringify(summaryOf(doneBy('kill')))}\n`,
    '200 text/csv': csv,
  },
  getOperation: { 200: doneBy('kill') },
  acknowledgeOperation: {
    200: {
      ...unansweredKill,
      acknowledged: {
        at: '2026-11-21T08:10:00.000Z',
        requestedBy: exampleOf.caller,
        reason: 'gone from the list of threads',
      },
    },
  },
  listItems: { 200: { items: [{ ...endedItem, target: 'orders' }], nextPageToken: null } },
  cancelOperation: {
    200: {
      ...partlyBy('kill', 'cancelled'),
      cancelled: { at: '2026-11-21T03:00:00.010Z', requestedBy: exampleOf.caller, reason: 'the wrong target' },
    },
  },
  approveOperation: {
    200: { ...doneBy('kill'), ...said('approved') },
    202: { ...runningBy('kill'), ...said('approved') },
    207: { ...partlyBy('kill'), ...said('approved') },
  },
  rejectOperation: { 200: { ...rejectedKill, ...said('rejected') } },
  followOperation: { 200: events },
  freezeTargets: { 201: freeze },
  listFreezes: { 200: { items: [freeze] } },
};
