import { comparePositions, compareBy, type Position } from '../model/order.js';
import type { Process } from '../model/process.js';
import type { LookRequest } from '../model/request.js';

/** The page that was asked for of what matched, and where the next begins. */
export function pageOf(
  matched: readonly Process[],
  { sort, limit, after }: LookRequest,
): { readonly items: readonly Process[]; readonly next: Position | null } {
  if (sort !== null) return { items: matched.toSorted(compareBy(sort)).slice(0, limit), next: null };
  const rest = matched
    .filter((process) => after === null || comparePositions(process, after) > 0)
    .toSorted(comparePositions);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const next = last && rest.length > items.length ? { target: last.target, node: last.node, id: last.id } : null;
  return { items, next };
}
