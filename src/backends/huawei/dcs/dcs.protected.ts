import type { Protection, Seen } from '../../../core/model/process.js';

/** A replica or a master, by the flags of CLIENT LIST. A client that monitors has its own flag, O, and is the user's. */
const replicationFlags = /[SM]/;

/** The commands by which a replica speaks, also before it has its flag. */
const replicationCommands = new Set(['sync', 'psync', 'replconf']);

/** The two connections of a Redis Sentinel to every server that it watches. */
const sentinel = /^sentinel-[0-9a-f]{8}-(?:cmd|pubsub)$/i;

/** What DCS needs, or what copies its data. docs/protections.md says where each entry comes from. */
export function protects({ connectionType, command, application }: Seen): Exclude<Protection, 'configured'> | null {
  const what = command?.trim().toLowerCase() ?? '';
  if (replicationFlags.test(connectionType ?? '') || replicationCommands.has(what)) return 'replication';
  return sentinel.test(application ?? '') ? 'vendor' : null;
}
