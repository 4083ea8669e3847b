import type { Protection, Seen } from '../../../core/model/process.js';

/** Accounts of the vendor's own, and of MySQL itself. docs/protections.md says where each entry comes from. */
const vendorUsers = new Set([
  'rdsadmin',
  'rdsbackup',
  'rdsmetric',
  'rdsproxy',
  'mysql.sys',
  'mysql.session',
  'mysql.infoschema',
  'event_scheduler',
  'system user',
]);
const replicationUsers = new Set(['rdsrepl', 'drsfull', 'drsincremental']);

const vendorCommands = new Set(['daemon']);
const replicationCommands =
  /^(?:binlog dump\b|register (?:slave|replica)\b|table dump$|connect out$|clone$|group replication data stream\b)/;

/** What TaurusDB needs, or what copies its data. */
export function protects({ user, command }: Seen): Exclude<Protection, 'configured'> | null {
  const who = user?.trim().toLowerCase() ?? '';
  const what = command?.trim().toLowerCase() ?? '';
  if (replicationUsers.has(who) || replicationCommands.test(what)) return 'replication';
  return vendorUsers.has(who) || vendorCommands.has(what) ? 'vendor' : null;
}
