import type { Call, Target } from '../model/target.js';

/**
 * The nodes of a target that a call leaves alone because the configuration does not name them: none where the call
 * names its nodes, or where the vendor does not tell. Never rejects.
 */
export async function unseenNodes(target: Target, names: readonly string[], call: Call): Promise<readonly string[]> {
  if (names.length > 0 || !target.unseenNodes) return [];
  return (await target.unseenNodes(call)) ?? [];
}

/** What the record says of them; null if there are none. */
export function tellUnseen(nodes: readonly string[]): string | null {
  if (nodes.length === 0) return null;
  return `The configuration does not name these nodes, so they were left alone: ${nodes.join(', ')}.`;
}
