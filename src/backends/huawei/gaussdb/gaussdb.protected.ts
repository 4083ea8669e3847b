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

/** What the cluster's own management calls itself. */
const vendorApplications = new Set(['cm_agent', 'gs_clean']);

/** Threads of the server itself. Some of these words might name an application, which has a client. */
const serverThreads = new Set([
  'asp',
  'applylauncher',
  'cfsshrinker',
  'jobscheduler',
  'percentilejob',
  'statement flush thread',
  'txnsnapcapturer',
  'txnsnapworker',
  'wdrsnapshot',
  'wlmarbiter',
  'workload',
  'workloadmonitor',
]);

/** Senders and receivers of the write-ahead log, and the tools that copy by it. */
const replication =
  /^(?:wal ?sender|wal ?receiver|walrcvwriter|(?:gs|pg)_(?:basebackup|receivexlog|recvlogical|probackup)\b)/;

/** What GaussDB needs, or what copies its data. */
export function protects({ user, application, client }: Seen): Exclude<Protection, 'configured'> | null {
  const who = user?.trim().toLowerCase() ?? '';
  const what = application?.trim().toLowerCase() ?? '';
  if (replicationUsers.has(who) || replication.test(what)) return 'replication';
  if (vendorUsers.has(who) || vendorApplications.has(what)) return 'vendor';
  return client === null && serverThreads.has(what) ? 'vendor' : null;
}
