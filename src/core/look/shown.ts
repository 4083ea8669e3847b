import { idKey } from '../model/ids.js';
import type { Process } from '../model/process.js';

/**
 * The processes that a listing shows under these ids, however they are spelled. It goes through the listing once, not
 * once for each id: there may be thousands of both, and nothing else is done meanwhile.
 */
export function shownOf(
  ids: readonly string[],
  { processes }: { readonly processes: readonly Process[] },
): ReadonlyMap<string, Process> {
  const wanted = new Map<string, Process | null>();
  for (const id of ids) wanted.set(idKey(id), null);
  for (const process of processes) {
    const key = idKey(process.id);
    if (wanted.get(key) === null) wanted.set(key, process);
  }
  const shown = new Map<string, Process>();
  for (const id of ids) {
    const process = wanted.get(idKey(id));
    if (process) shown.set(id, process);
  }
  return shown;
}
