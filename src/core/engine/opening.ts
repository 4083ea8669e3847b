import type { AdmittedCall } from '../choose/admitted.js';
import { claimsOf, foreseeRefusal, spendingOf } from '../choose/claims.js';
import { previewOf } from '../choose/preview.js';
import { refuseChosen } from '../choose/refuse.js';
import type { Survey } from '../choose/survey.js';
import { looksFirst, needsEvery, surveyAll } from '../choose/survey-all.js';
import { strategyOf } from '../model/abilities.js';
import type { Clock } from '../model/clock.js';
import type { AskedTarget, OperationEvent, Prepared } from '../model/event.js';
import type { Failure } from '../model/failure.js';
import type { Span } from '../model/span.js';
import type { Waiting } from '../model/waiting.js';
import type { Call, Target } from '../model/target.js';
import type { Claim, Journal, Terms } from '../record/journal.js';
import { headerOf } from './operation-header.js';

/** What a mutating call brings along besides the request itself. */
export interface Asking {
  readonly requestId: string;
  /** Under which the same request is not carried out twice. */
  readonly key: Claim | null;
  /** What the call is part of, where it is traced. */
  readonly span?: Span;
  /** What counts the time that the request waits for vendors. */
  readonly waiting?: Waiting;
  /** Until when the caller waits for the answer, in milliseconds since the epoch. */
  readonly answerBy: number;
}

/** What was seen before the first event of an operation, and why only a dry run of it may begin. */
interface Seen {
  readonly surveys: ReadonlyMap<Target, Survey>;
  readonly refusal: Failure | null;
}

/** Looks at what must be seen before an operation begins. Throws Failure if that refuses the call. */
export async function surveyCall(
  { request, targets, refusal: known }: AdmittedCall,
  calls: ReadonlyMap<Target, Call>,
  journal: Journal,
  clock: Clock,
): Promise<Seen> {
  // What could not be recorded is refused before a vendor is asked for it.
  if (looksFirst(request)) for (const { name } of targets.slice(0, 1)) await journal.spent(name, clock.now());
  const { surveys, unreachable } = await surveyAll(calls, request, clock);
  const refusal = known ?? unreachable ?? refuseChosen(surveys, request);
  if (refusal && !request.dryRun) throw refusal;
  return { surveys, refusal };
}

/** The first event of an operation. */
export function prepare(
  { request, caller, targets, skipped }: AdmittedCall,
  { requestId, answerBy }: Asking,
  startedAt: number,
  now: number,
): Prepared {
  const asked: readonly AskedTarget[] = [
    ...targets.map((target) => ({
      target: target.name,
      backend: target.backend,
      strategy: request.kind === 'sessions.flush' ? strategyOf(target, request.mode) : null,
    })),
    ...skipped.map((one) => ({ ...one, strategy: null, status: 'skipped' as const })),
  ].toSorted((one, other) => request.targets.indexOf(one.target) - request.targets.indexOf(other.target));
  return { is: 'prepared', at: now, header: headerOf(request, caller, requestId, startedAt), targets: asked, answerBy };
}

/** What an operation claims and spends so that it may begin. */
export function termsOf(
  { request, targets }: AdmittedCall,
  surveys: ReadonlyMap<Target, Survey>,
  key: Claim | null,
  now: number,
): Terms {
  const spending = request.dryRun ? [] : spendingOf(surveys, request);
  return { claims: claimsOf(targets, request, key, now), spending };
}

/** What a dry run tells once it is over. */
export async function foreseeEnd(
  { request, targets }: AdmittedCall,
  { surveys, refusal }: Seen,
  { header, at }: Prepared,
  journal: Journal,
): Promise<OperationEvent> {
  const foreseen = refusal ?? (await foreseeRefusal(journal, targets, surveys, request, at));
  const preview = previewOf(targets, surveys, request, foreseen, header.id, at);
  return { is: 'planned', at, preview, ...(needsEvery(request) ? { requireAll: true } : {}) };
}
