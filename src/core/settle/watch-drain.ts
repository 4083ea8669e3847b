import { drainIdsShown } from '../execute/mass.js';
import { asFailure } from '../model/failure.js';
import { lookAtNodes, lookCall } from '../look/look.js';
import { chooseNodes } from '../look/nodes.js';
import type { OpenRecord } from '../record/open-record.js';
import type { DrainState } from '../model/operation.js';
import type { Process } from '../model/process.js';
import type { Target } from '../model/target.js';

/** Milliseconds between two looks at a pool that drains: quick at first, then patient. */
const firstPauseMs = 2000;
const longestPauseMs = 30_000;
/** Where the vendor refuses us. */
const longestRefusedMs = 900_000;

/** How far the drain of a target was when it was last told; null if it is not watched. */
export function watchedDrain(record: OpenRecord, target: string): (DrainState & { readonly until: string }) | null {
  const last = record.eventsOn(target).findLast((event) => event.is === 'drain');
  if (last?.is !== 'drain') return null;
  const { drain } = last;
  return drain.state === 'watching' && drain.until !== null ? { ...drain, until: drain.until } : null;
}

/** Watches the marked members of a pool log out, until all have, the time is over, or no look can tell. */
export async function watchDrain(record: OpenRecord, target: Target, superseded: AbortSignal): Promise<void> {
  const { clock } = record;
  const tell = (drain: DrainState): void => {
    record.add({ is: 'drain', at: clock.now(), target: target.name, drain });
  };
  const signal = AbortSignal.any([record.lost, superseded]);
  let last = watchedDrain(record, target.name);
  for (let pauseMs = firstPauseMs; last !== null;) {
    const leftMs = Date.parse(last.until) - clock.now();
    await clock.sleep(Math.max(0, Math.min(pauseMs, leftMs)), signal);
    if (record.isLost) return;
    if (superseded.aborted || clock.now() >= Date.parse(last.until)) {
      tell({ ...last, state: 'ended' });
      return;
    }
    const seen = await look(record, target, last);
    // A vendor that refuses us may count that towards a lock: it is asked ever less.
    pauseMs = seen === 'refused' ? Math.min(pauseMs * 2, longestRefusedMs) : Math.min(pauseMs * 1.5, longestPauseMs);
    const next: DrainState = seen === 'refused' ? last : seen;
    // A look that failed tells nothing, however long ago the last one was.
    if (next !== last) tell(next);
    last = watchedDrain(record, target.name);
  }
}

async function look(
  record: OpenRecord,
  target: Target,
  last: DrainState & { readonly until: string },
): Promise<DrainState | 'refused'> {
  const unlimited = { requestId: record.operation.requestId, signal: record.lost, deadline: Infinity };
  const call = lookCall(target, unlimited, record.clock);
  const unknown = { ...last, state: 'unknown', remaining: null } as const;
  try {
    const [seen] = await lookAtNodes(target, await chooseNodes(target, [], call), call);
    if (!seen?.listing) {
      if (seen?.failure.kind === 'upstream-rejected') return 'refused';
      return seen?.failure.kind === 'unsupported-operation' ? unknown : last;
    }
    // A pool of which nobody is shown is not shown to be drained.
    if (seen.listing.processes.length === 0) return last;
    const busy = seen.listing.processes.filter((process) => isMarked(process, last));
    if (busy.some(({ draining }) => draining === null)) return unknown;
    return {
      state: busy.length === 0 ? 'drained' : 'watching',
      remaining: busy.length,
      ids: busy.map(({ id }) => id).slice(0, drainIdsShown),
      checkedAt: seen.listing.at.toISOString(),
      until: last.until,
    };
  } catch (thrown) {
    return asFailure(thrown).kind === 'unsupported-operation' ? unknown : last;
  }
}

/** Is this one of those that the flush marked? Beyond what a record shows, all that are marked count. */
function isMarked({ id, state, draining }: Process, { remaining, ids }: DrainState): boolean {
  const isBusy = draining ?? (state !== 'idle' && state !== 'offline');
  const isTold = remaining === null || remaining > ids.length || ids.includes(id);
  return isBusy && isTold;
}
