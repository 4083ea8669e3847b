import type { Protection, Seen } from '../../../core/model/process.js';

/** Accounts of the vendor's own. docs/protections.md says where each entry comes from. */
const vendorUsers = new Set([
  'rdsadmin',
  'rdsbackup',
  'rdsmetric',
  'dbmind_monitor',
  'dbmind_monitor_agent',
  'omm',
  'ruby',
]);
const replicationUsers = new Set(['rdsrepl', 'hadr_disaster']);

/** What the cluster's own management calls itself, and what one server of the cluster calls itself at another. */
const vendorApplications = new Set(['autonomoustransaction', 'autovacworker', 'cm_agent', 'gs_clean', 'om', 'wdrxdb']);

/**
 * Threads of the server itself, by the names under which openGauss reports them: `pgstat_report_appname`, and what it
 * sets as `application_name`. Some of these words might name an application, which has a client.
 */
const serverThreads = new Set([
  'asp',
  'autovaclauncher',
  'background writer',
  'bgworker',
  'cbm writer',
  'cfsshrinker',
  'checkpointer',
  'clean statement thread',
  'computepoolmonitor',
  'exrto recycler',
  'heartbeat',
  'imcstore vacuum',
  'imcstorevacuumworker',
  'invalidbufferbgwriter',
  'jobscheduler',
  'jobworker',
  'lwlock monitor',
  'pagewriter',
  'percentilejob',
  'poolcleaner',
  'rbcleaner',
  'rbworker',
  'smb aly',
  'smb analysis auxiliary',
  'smb writer',
  'smb writer auxiliary',
  'sqllimit',
  'stack perf',
  'stack_perf_main',
  'statement flush thread',
  'threadpoollistener',
  'threadpoolscheduler',
  'threadpoolworker',
  'twophase cleaner',
  'txnsnapcapturer',
  'txnsnapworker',
  'undo recycler',
  'undoworker',
  'wal writer',
  'wal writer auxiliary',
  'wdrsnapshot',
  'wlmarbiter',
  'workload',
  'workloadmonitor',
]);

/** The same, of the threads that copy data: some of these words might name an application, too. */
const replicationThreads = new Set([
  'barrierarch',
  'barriercreator',
  'catchup',
  'pageredo',
  'startup',
  'subscription',
  'xlog copy',
]);

/** Senders and receivers of the log and of pages, logical replication, and the tools that copy by them. */
const replication = new RegExp(
  [
    '^(?:wal ?sender|wal ?receiver|wal ?receive ?writer|walrcvwriter|data ?sender|data ?receiver|data ?receive ?writer)',
    '^(?:applylauncher|applyworker|logicaldecodeworker|logicalreadworker|dummystandby|remote_read|local_hadr_walrcv)$',
    '^hadr_|_hass$',
    '^(?:gs|pg)_(?:basebackup|receivexlog|receivewal|recvlogical|probackup|rewind|ctl|roach|redis|retrieve)\\b',
  ].join('|'),
);

/** What only a reader of the log asks for: its application may call itself anything. */
const replicationCommands = /^[\s(]*(?:START_REPLICATION|BASE_BACKUP|IDENTIFY_SYSTEM)\b/i;

/**
 * What GaussDB needs, or what copies its data. A session that has no client, and no user or no state, is nobody's but
 * the server's, whatever it is called.
 */
export function protects(session: Seen): Exclude<Protection, 'configured'> | null {
  const { user, application, client, state, statement, connectionType } = session;
  const who = user?.trim().toLowerCase() ?? '';
  const what = application?.trim().toLowerCase() ?? '';
  const thread = connectionType?.trim().toLowerCase() ?? '';
  if (replicationUsers.has(who) || replication.test(what) || replication.test(thread)) return 'replication';
  if (replicationCommands.test(statement ?? '')) return 'replication';
  if (client === null && replicationThreads.has(what)) return 'replication';
  if (vendorUsers.has(who) || vendorApplications.has(what)) return 'vendor';
  const isServers = user === null || state === null || serverThreads.has(what);
  return client === null && isServers ? 'vendor' : null;
}
