import type { Chosen, Survey } from './chosen.js';
import type { Looked } from '../look/look.js';
import { Failure, type FieldError } from '../model/failure.js';
import { isExempt, placeIn, type MutatingRequest, type Writing } from '../model/request.js';
import type { Target } from '../model/target.js';

/** On fewer processes than these, a share says little. */
export const leastConnected = 10;

/** What a call may do that is refused for how many it would end. */
export const wayOut = ' Send it with approval=request, so that somebody else can approve it.';

/** The refusal of a kill that somebody else must approve first, since it would end so many; null if nobody must. */
export function refuseUnapproved(surveys: ReadonlyMap<Target, Survey>, writing: Writing): Failure | null {
  const errors = [...surveys].flatMap(([target, { looked, chosen }]): readonly FieldError[] => {
    const { processes, share } = target.safeguards.approval.above;
    const count = toBeSent(chosen);
    const connected = connectedOn(looked);
    // Shares such as 0.29 of 100 fall a little short of the whole number that they mean.
    const isShare = connected >= leastConnected && count > Math.floor(share * connected + 1e-9);
    if (count <= processes && !isShare) return [];
    const rule = count > processes ? `more than ${String(processes)}` : `a share of more than ${String(share)}`;
    const found = `It would end ${String(count)} of ${String(connected)} connected processes of "${target.name}"`;
    return [{ ...placeIn(writing, 'target'), message: `${found}, and ${rule} must be approved.` }];
  });
  const [first] = errors;
  return first ? new Failure('approval-required', `${first.message}${wayOut}`, { errors }) : null;
}

/** Refuses a forced flush that somebody else must approve first. */
export function refuseForced(targets: readonly Target[], request: MutatingRequest): Failure | null {
  if (request.kind !== 'sessions.flush' || request.mode !== 'forced' || isExempt(request)) return null;
  const errors = targets.flatMap(({ name, safeguards }, index) =>
    safeguards.approval.forced
      ? [{ ...placeIn(request.writing, 'targets', index), message: `A forced flush of "${name}" must be approved.` }]
      : [],
  );
  const [first] = errors;
  const how = 'Send it with "approval": "request", so that somebody else can approve it.';
  return first ? new Failure('approval-required', `${first.message} ${how}`, { errors }) : null;
}

/** How many processes were seen. */
export function connectedOn(looked: readonly Looked[]): number {
  return looked.reduce((sum, { listing }) => sum + (listing?.processes.length ?? 0), 0);
}

/** How many of those that were chosen would be sent. */
export function toBeSent(chosen: readonly Chosen[]): number {
  return chosen.flatMap(({ items }) => items).filter(({ outcome }) => outcome === null).length;
}
