import { lookAtNodes, lookCall, type Looked } from '../look/look.js';
import { chooseNodes, learnNodes } from '../look/nodes.js';
import { unseenNodes } from '../look/unseen.js';
import type { Clock } from '../model/clock.js';
import type { SessionsNow } from '../model/operation.js';
import type { FlushRequest } from '../model/request.js';
import type { Call, Node, Target } from '../model/target.js';
import { alive, type Survey } from './chosen.js';

/**
 * What a dry run sees of a target that the vendor's own mass call would flush: its nodes, and who is connected where
 * one call shows that. Never rejects.
 */
export async function foreseeMass(
  target: Target,
  call: Call,
  clock: Clock,
  { node }: Pick<FlushRequest, 'node'>,
): Promise<Survey> {
  const within = lookCall(target, call, clock);
  const names = node === null ? [] : [node];
  // It tells the calls, one for each node.
  await learnNodes(target, within);
  const [looked, unseen] = await Promise.all([
    target.looksInOneCall === true ? lookedAt(target, names, within) : [],
    unseenNodes(target, names, within),
  ]);
  return { looked, chosen: [], ...(unseen.length > 0 ? { unseen } : {}) };
}

async function lookedAt(target: Target, names: readonly string[], call: Call): Promise<readonly Looked[]> {
  try {
    return await lookAtNodes(target, await chooseNodes(target, names, call), call);
  } catch {
    return [];
  }
}

/** How many are busy and idle now, of what was seen; null if nothing was. */
export function sessionsNow({ looked, unseen = [] }: Survey): SessionsNow | null {
  const seen = alive(looked).map(({ listing }) => listing);
  if (seen.length === 0) return null;
  const states = seen.flatMap(({ processes }) => processes.map(({ state }) => state));
  const isWhole = seen.length === looked.length && unseen.length === 0;
  return {
    busy: states.filter((state) => state === 'active' || state === 'idleInTransaction').length,
    idle: states.filter((state) => state === 'idle').length,
    connected: states.filter((state) => state !== 'offline').length,
    complete: isWhole && seen.every(({ complete }) => complete),
    collectedAt: new Date(Math.min(...seen.map(({ at }) => at.getTime()))).toISOString(),
  };
}

/** The places that a mass call is made for: null is the whole target at once. */
export function massNodesOf(
  target: Target,
  per: 'node' | 'target',
  named: string | null,
  unseen: readonly string[],
): readonly Node['name'][] {
  if (named !== null) return [named];
  // The call for the whole instance would end sessions on nodes that the configuration leaves out, too.
  if (per === 'target' && unseen.length === 0) return [null];
  return (target.configuredNodes ?? target.foundNodes ?? []).map(({ name }) => name);
}
