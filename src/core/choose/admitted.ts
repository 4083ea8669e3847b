import type { Caller } from '../model/caller.js';
import { Failure } from '../model/failure.js';
import { freezeOn, type Freeze } from '../model/freeze.js';
import { placeIn, type MutatingRequest } from '../model/request.js';
import type { Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';
import { admitMutating } from './admit.js';
import type { Admission, SkippedTarget } from './judging.js';
import { refuseForced } from './unapproved.js';

/** What a mutating call is judged by. */
export interface MutatingAdmission extends Admission {
  readonly freezes: readonly Freeze[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A mutating call that Sluice itself has nothing against. No vendor has heard of it yet. */
export interface AdmittedCall {
  readonly request: MutatingRequest;
  readonly caller: string;
  /** The same, with what is granted to it. */
  readonly by: Caller;
  /** In the order in which they were named. */
  readonly targets: readonly Target[];
  /** Those that it leaves out, since it does not apply to them and its caller said so. */
  readonly skipped: readonly SkippedTarget[];
  /** The configuration that they are of. */
  readonly snapshot: Targets;
  /** Why only a dry run of it is admitted; null if nothing stands in its way. */
  readonly refusal: Failure | null;
}

/** Judges a mutating call by all that Sluice knows by itself. Throws Failure that tells everything that is wrong. */
export function admitCall(admission: MutatingAdmission, request: MutatingRequest): AdmittedCall {
  const { targets, skipped } = admitMutating(admission, request);
  admission.refusals.throwIfAny();
  const readOnly = refuseReadOnly(targets, request, admission.freezes, admission.now);
  const refusal = readOnly ?? refuseForced(targets, request);
  if (refusal && !request.dryRun) throw refusal;
  const { caller, targets: snapshot } = admission;
  return { request, caller: caller.name, by: caller, targets, skipped, snapshot, refusal };
}

/** Refuses what would change a target that nothing may change: by its configuration, or while it is frozen. */
function refuseReadOnly(
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
