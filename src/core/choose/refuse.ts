import { refuseTooMany } from './caps.js';
import { refuseProtected } from './choose.js';
import type { Survey } from './survey.js';
import { Failure } from '../model/failure.js';
import { freezeOn, type Freeze } from '../model/freeze.js';
import { placeIn, type MutatingRequest } from '../model/request.js';
import type { Target } from '../model/target.js';

/** Refuses what would change a target that nothing may change: by its configuration, or while it is frozen. */
export function refuseReadOnly(
  targets: readonly Target[],
  request: MutatingRequest,
  freezes: readonly Freeze[],
  now: number,
): Failure | null {
  const isOfMany = request.kind === 'sessions.flush';
  const errors = targets.flatMap((target, index) => {
    const message = whyReadOnly(target, freezes, now);
    if (message === null) return [];
    return [{ ...placeIn(request.writing, isOfMany ? 'targets' : 'target', isOfMany ? index : undefined), message }];
  });
  const [first] = errors;
  return first ? new Failure('read-only', first.message, { errors }) : null;
}

function whyReadOnly(target: Target, freezes: readonly Freeze[], now: number): string | null {
  if (target.safeguards.readOnly) return `Nothing may be changed on "${target.name}": it is configured as read-only.`;
  const freeze = freezeOn(freezes, target, now);
  return freeze ? tellFreeze(target.name, freeze) : null;
}

/** Why nothing may be changed on a target that is frozen. */
export function tellFreeze(target: string, { requestedBy, until, reason }: Freeze): string {
  const why = reason === '' ? '' : `: ${reason}`;
  return `Nothing may be changed on "${target}": ${requestedBy} has frozen it until ${new Date(until).toISOString()}${why}.`;
}

/** Why what was chosen may not be ended, as far as a look can tell. */
export function refuseChosen(surveys: ReadonlyMap<Target, Survey>, request: MutatingRequest): Failure | null {
  if (request.kind !== 'processes.kill') return null;
  for (const [target, { chosen }] of surveys) {
    const refusal = refuseProtected(target, chosen, request.selection, request.writing);
    if (refusal) return refusal;
  }
  return refuseTooMany(surveys, request.max, request.writing);
}
