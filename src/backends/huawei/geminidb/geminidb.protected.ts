import type { Protection, Seen } from '../../../core/model/process.js';

/** The commands by which a replica speaks, and so does what copies a cache. */
const replicationCommands = new Set(['sync', 'psync', 'replconf']);

/** What copies GeminiDB's data. docs/protections.md says where each entry comes from. */
export function protects({ command }: Seen): Exclude<Protection, 'configured'> | null {
  return replicationCommands.has(command?.trim().toLowerCase() ?? '') ? 'replication' : null;
}
