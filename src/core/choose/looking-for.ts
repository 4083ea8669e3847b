import { narrowingsOf, narrowingsTo } from '../look/narrow.js';
import type { ListedItem } from '../model/event.js';
import type { FlushRequest, KillRequest } from '../model/request.js';
import type { Narrowing, Sought } from '../model/sought.js';
import type { Target } from '../model/target.js';

/** What a survey of a target looks for: less than the whole list, or more than a list that was cut. */
export function lookingFor(
  target: Target,
  request: FlushRequest | KillRequest,
  planned: readonly ListedItem[],
): { readonly sought: Sought; readonly narrowings: readonly Narrowing[] } {
  return { sought: soughtBy(request), narrowings: narrowedTo(target, request, planned) };
}

/**
 * Of named ids nothing else is needed than they themselves: no cap is judged of the others. An id that is not seen is
 * judged by whole lists, which is what a look gives that did not see all of them.
 */
function soughtBy(request: FlushRequest | KillRequest): Sought {
  if (request.kind !== 'processes.kill' || request.plan || request.selection.ids.length === 0) return {};
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
