import { idKey } from '../model/ids.js';
import type { Process } from '../model/process.js';

/**
 * The processes that a listing shows under these ids, however they are spelled. It goes through the listing once, not
 * once for each id: there may be thousands of both, and nothing else is done meanwhile.
 */
export function shownOf(
  ids: Iterable<string>,
  { processes }: { readonly processes: readonly Process[] },
): ReadonlyMap<string, Process> {
  const wanted = Map.groupBy(ids, idKey);
  const shown = new Map<string, Process>();
  for (const process of processes) {
    for (const id of wanted.get(idKey(process.id)) ?? []) {
      if (!shown.has(id)) shown.set(id, process);
    }
  }
  return shown;
}
