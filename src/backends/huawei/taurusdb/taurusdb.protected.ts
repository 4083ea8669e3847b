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
  /^(?:binlog dump\b|register (?:slave|replica)\b|(?:slave|replica)_(?:io|sql|worker)\b|table dump$|connect out$|clone$|group replication data stream\b)/;

/**
 * What TaurusDB needs, or what copies its data. A thread that tells neither a user nor a client is nobody's but the
 * server's, whatever it does.
 */
export function protects({ user, client, command }: Seen): Exclude<Protection, 'configured'> | null {
  const who = user?.trim().toLowerCase() ?? '';
  const what = command?.trim().toLowerCase() ?? '';
  if (replicationUsers.has(who) || replicationCommands.test(what)) return 'replication';
  if (vendorUsers.has(who) || vendorCommands.has(what)) return 'vendor';
  return user === null && client === null ? 'vendor' : null;
}
