import type { Clock } from '../../core/model/clock.js';
import type { Call, Node } from '../../core/model/target.js';

/** Nodes that were found are asked for again after this long. */
const nodesMs = 60_000;

type FindNodes = (call: Call) => Promise<readonly Node[]>;

/** The nodes as they were found a moment ago, or found now. */
export function remembered(find: FindNodes, clock: Clock): FindNodes {
  let known: { readonly nodes: readonly Node[]; readonly until: number } | null = null;
  return async (call) => {
    if (known === null || clock.now() >= known.until) {
      const nodes = await find(call);
      known = { nodes, until: clock.now() + nodesMs };
    }
    return known.nodes;
  };
}
