import { narrowingsOf, narrowingsTo } from '../look/narrow.js';
import type { Looked } from '../look/look.js';
import type { ListedItem } from '../model/listed-item.js';
import type { FlushRequest, KillRequest, NamedProcess } from '../model/request.js';
import type { Narrowing, Sought } from '../model/sought.js';
import type { Target } from '../model/target.js';

/** What a survey of a target looks for: less than the whole list, or more than a list that was cut. */
export function lookingFor(
  target: Target,
  request: FlushRequest | KillRequest,
  planned: readonly ListedItem[],
): { readonly sought: Sought; readonly narrowings: readonly Narrowing[] } {
  return { sought: soughtBy(target, request), narrowings: narrowedTo(target, request, planned) };
}

/**
 * Of named ids nothing else is needed than they themselves: no cap is judged of the others. An id that is not seen is
 * judged by whole lists, which is what a look gives that did not see all of them.
 */
function soughtBy(target: Target, request: FlushRequest | KillRequest): Sought {
  if (request.kind === 'processes.kill' && request.listed && !request.plan) {
    return { ids: (request.listed.get(target.name) ?? []).map(({ id }) => id) };
  }
  if (request.kind !== 'processes.kill' || request.plan || request.selection.ids.length === 0) return {};
  // Whom others block is seen in the whole list only.
  if (request.selection.blocking !== undefined) return {};
  return { ids: request.selection.ids };
}

function narrowedTo(
  target: Target,
  request: FlushRequest | KillRequest,
  planned: readonly ListedItem[],
): readonly Narrowing[] {
  if (request.plan) return narrowingsTo(target, planned);
  return request.kind === 'processes.kill' ? narrowingsOf(target, request.selection) : [];
}

/** What a kill lists one by one on a target. */
export function listedOn({ name }: Target, request: FlushRequest | KillRequest): readonly NamedProcess[] | undefined {
  return request.kind === 'processes.kill' && request.plan === null ? request.listed?.get(name) : undefined;
}

/** The names of the nodes that a survey looks at; all if there are none. */
export function nodesOf(
  target: Target,
  request: FlushRequest | KillRequest,
  planned: readonly ListedItem[],
): readonly string[] {
  if (request.plan) {
    const judged = request.plan.byFilter ? (request.plan.nodes.get(target.name) ?? []) : [];
    return [...new Set([...planned.map(({ node }) => node), ...judged])].filter((node) => node !== null);
  }
  const listed = listedOn(target, request);
  if (listed) {
    const nodes = new Set(listed.map(({ node }) => node));
    return nodes.has(null) ? [] : [...nodes].filter((node) => node !== null);
  }
  if (request.kind === 'processes.kill') return request.selection.nodes;
  return request.node === null ? [] : [request.node];
}

/** A node on which nobody was planned to end is looked at for the caps alone: it may be dead. */
export function isNeeded({ node, failure }: Looked, planned: readonly ListedItem[]): boolean {
  return failure === undefined || node.name === null || planned.some((item) => item.node === node.name);
}
