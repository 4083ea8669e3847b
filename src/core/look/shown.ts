import type { Process } from '../model/process.js';

/**
 * Whoever a listing shows under these ids: the first, where it shows several. It goes through the listing once, not once for
 * each id: there may be thousands of both, and nothing else is done meanwhile.
 */
export function shownOf(
  ids: Iterable<string>,
  { processes }: { readonly processes: readonly Process[] },
): ReadonlyMap<string, Process> {
  const wanted = new Set(ids);
  const shown = new Map<string, Process>();
  for (const process of processes) {
    if (wanted.has(process.id) && !shown.has(process.id)) shown.set(process.id, process);
  }
  return shown;
}
