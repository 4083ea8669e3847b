import type { Protection, Seen } from '../../../core/model/process.js';

/**
 * A replica or a master, by the flags of CLIENT LIST. A client that monitors has its own flag, O, and is the user's.
 */
const replicationFlags = /[SM]/;

/** The commands by which a replica speaks, also before it has its flag, and one server that moves keys to another. */
const replicationCommands = new Set(['sync', 'psync', 'replconf', 'restore-asking']);

/** The two connections of a Redis Sentinel to every server that it watches. */
const sentinel = /^sentinel-[0-9a-f]{8}-(?:cmd|pubsub)$/i;

/** What DCS needs, or what copies its data. docs/protections.md says where each entry comes from. */
export function protects({ connectionType, command, application }: Seen): Exclude<Protection, 'configured'> | null {
  // Redis names a subcommand behind a bar: `replconf|ack`.
  const what = command?.trim().toLowerCase().split('|', 1)[0] ?? '';
  if (replicationFlags.test(connectionType ?? '') || replicationCommands.has(what)) return 'replication';
  return sentinel.test(application ?? '') ? 'vendor' : null;
}
