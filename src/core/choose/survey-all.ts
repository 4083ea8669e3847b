import type { Clock } from '../model/clock.js';
import { Failure, failureOf, type FieldError } from '../model/failure.js';
import { chooseNodes, lookAtNodes, lookCall } from '../look/look.js';
import { chooses, survey, type ChoosingRequest, type Survey } from './survey.js';
import { mostShared } from '../model/problem.js';
import { placeIn, type MutatingRequest, type Writing } from '../model/request.js';
import type { Call, Target } from '../model/target.js';

/** What was seen of all targets before the first is touched. */
export interface SurveyedTargets {
  /** Of those on which Sluice chooses by itself. */
  readonly surveys: ReadonlyMap<Target, Survey>;
  /** Why a call that needs all its targets cannot have them. */
  readonly unreachable: Failure | null;
}

/**
 * A kill is refused by what a look shows, a dry run tells of it, a plan is bound to it, and `requireAll` needs every
 * target: then all are looked at, side by side, before the first is touched. Any other flush looks while it runs.
 */
export async function surveyAll(
  calls: ReadonlyMap<Target, Call>,
  request: MutatingRequest,
  clock: Clock,
): Promise<SurveyedTargets> {
  const needsAll = needsEvery(request);
  if (!looksFirst(request)) return { surveys: new Map(), unreachable: null };
  const found = await Promise.all(
    [...calls].map(async ([target, call]) => {
      if (request.kind !== 'sessions.tune' && chooses(target, request)) {
        const surveyed = await survey({ target, call, clock }, request);
        const failure = needsAll ? surveyed.looked.find((one) => one.failure)?.failure : undefined;
        return { target, surveyed, failure };
      }
      return { target, surveyed: null, failure: needsAll ? await reach(target, call, clock) : undefined };
    }),
  );
  const surveys = new Map(found.flatMap(({ target, surveyed }) => (surveyed ? [[target, surveyed] as const] : [])));
  return { surveys, unreachable: refuseUnreachable(found, request.writing) };
}

/** Are targets looked at before the record of such a call begins? */
export function looksFirst(request: MutatingRequest): boolean {
  return request.kind === 'processes.kill' || request.dryRun || needsEvery(request) || planOf(request) !== null;
}

/** Is nothing touched unless every target can be? */
export function needsEvery(request: MutatingRequest): boolean {
  return request.kind === 'sessions.flush' && request.requireAll;
}

function planOf(request: MutatingRequest): ChoosingRequest['plan'] {
  return request.kind === 'sessions.tune' ? null : request.plan;
}

/** Why a target cannot be looked at now: its circuit is open, or it does not answer. */
async function reach(target: Target, call: Call, clock: Clock): Promise<Failure | undefined> {
  const within = lookCall(target, call, clock);
  try {
    const looked = await lookAtNodes(target, await chooseNodes(target, [], within), within);
    return looked.find((one) => one.failure)?.failure;
  } catch (thrown) {
    return failureOf(target, thrown);
  }
}

function refuseUnreachable(
  found: readonly { readonly target: Target; readonly failure: Failure | undefined }[],
  writing: Writing,
): Failure | null {
  const errors = found.flatMap(({ target, failure }, index): readonly FieldError[] =>
    failure
      ? [{ ...placeIn(writing, 'targets', index), message: `"${target.name}" cannot be reached: ${failure.message}` }]
      : [],
  );
  const [first] = errors;
  if (!first) return null;
  const failures = found.flatMap(({ failure }) => failure ?? []);
  const kind = mostShared(failures.map((failure) => failure.kind));
  const shared = failures.find((failure) => failure.kind === kind);
  const others = errors.length === 1 ? '' : ` (and ${String(errors.length - 1)} more: see errors)`;
  return new Failure(kind, `requireAll: ${first.message}${others} Nothing was touched.`, {
    errors,
    ...(shared?.upstream ? { upstream: shared.upstream } : {}),
    ...(shared?.retryAfterMs === undefined ? {} : { retryAfterMs: shared.retryAfterMs }),
  });
}
