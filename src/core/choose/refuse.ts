import { refuseTooMany } from './caps.js';
import { refuseProtected } from './choose.js';
import type { Survey } from './survey.js';
import { Failure } from '../model/failure.js';
import { placeIn, type MutatingRequest } from '../model/request.js';
import type { Target } from '../model/target.js';

/** Refuses what would change a target that nothing may change. */
export function refuseReadOnly(targets: readonly Target[], request: MutatingRequest): Failure | null {
  const errors = targets.flatMap(({ name, rails }, index) => {
    const isOfMany = request.kind === 'sessions.flush';
    const at = placeIn(request.writing, isOfMany ? 'targets' : 'target', isOfMany ? index : undefined);
    const message = `Nothing may be changed on "${name}": it is configured as read-only.`;
    return rails.readOnly ? [{ ...at, message }] : [];
  });
  const [first] = errors;
  return first ? new Failure('read-only', first.message, { errors }) : null;
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
