import { newId } from '../model/new-id.js';
import type { AdmittedCall } from '../choose/admitted.js';
import { claimsOf, foreseeRefusal, spendingOf } from '../choose/claims.js';
import { previewOf, whyUnplanned } from '../choose/preview.js';
import { refuseChosen } from '../choose/caps.js';
import { chooses, looksFirst, needsEvery, surveyAll } from '../choose/survey.js';
import type { Survey } from '../choose/chosen.js';
import { capsOn, type Caller } from '../model/caller.js';
import { strategyOf } from '../model/abilities.js';
import type { Clock } from '../model/clock.js';
import type { AskedTarget, OperationEvent, Prepared } from '../model/event.js';
import type { Failure } from '../model/failure.js';
import type { OperationHeader } from '../model/operation.js';
import type { MutatingRequest } from '../model/request.js';
import type { Span } from '../model/span.js';
import type { Waiting } from '../model/waiting.js';
import type { Call, Target } from '../model/target.js';
import type { Claim, Entry, Journal, Terms } from '../record/journal.js';
import { noticesOfBeginning } from '../record/notices.js';

/** What a mutating call brings along besides the request itself. */
export interface Asking {
  readonly requestId: string;
  /** Under which the same request is not carried out twice. */
  readonly key: Claim | null;
  /** What the call is part of, where it is traced. */
  readonly span?: Span;
  /** What counts the time that the request waits for vendors. */
  readonly waiting?: Waiting;
  /** What was written for it, member by member: a caller of its plan may write the same. */
  readonly written?: Readonly<Record<string, string>>;
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
  { request, by, targets, refusal: known }: AdmittedCall,
  calls: ReadonlyMap<Target, Call>,
  journal: Journal,
  clock: Clock,
): Promise<Seen> {
  // What could not be recorded is refused before a vendor is asked for it.
  if (looksFirst(request)) for (const { name } of targets.slice(0, 1)) await journal.spent(name, clock.now());
  const { surveys, unreachable } = await surveyAll(calls, request, clock);
  const refusal = known ?? unreachable ?? refuseChosen(surveys, request, (name) => capsOn(by, name));
  if (refusal && !request.dryRun) throw refusal;
  return { surveys, refusal };
}

/** The first event of an operation. */
export function prepare(
  { request, by, targets, skipped }: AdmittedCall,
  { requestId, answerBy }: Asking,
  startedAt: number,
  now: number,
): Prepared {
  const asked: readonly AskedTarget[] = [
    ...targets.map((target) => ({
      target: target.name,
      backend: target.backend,
      strategy: strategyFor(target, request),
      ...planNoteOf(target, request),
    })),
    ...skipped.map((one) => ({ ...one, strategy: null, status: 'skipped' as const })),
  ].toSorted((one, other) => request.targets.indexOf(one.target) - request.targets.indexOf(other.target));
  return { is: 'prepared', at: now, header: headerOf(request, by, requestId, startedAt), targets: asked, answerBy };
}

function planNoteOf(target: Target, request: MutatingRequest): Pick<AskedTarget, 'planNote'> {
  const planNote = request.dryRun ? whyUnplanned(target, request) : null;
  return planNote === null ? {} : { planNote };
}

function strategyFor(target: Target, request: MutatingRequest): AskedTarget['strategy'] {
  if (request.kind !== 'sessions.flush') return null;
  return chooses(target, request) ? 'selective' : strategyOf(target, request.mode);
}

/** What is known of an operation before it begins: who asked for what, under an id of its own. */
function headerOf(request: MutatingRequest, by: Caller, requestId: string, now: number): OperationHeader {
  return {
    id: newId('op_', now),
    kind: request.kind,
    mode: request.kind === 'sessions.flush' ? request.mode : null,
    dryRun: request.dryRun,
    requestedBy: by.name,
    ...(by.displayName === undefined ? {} : { requestedByName: by.displayName }),
    onBehalfOf: request.onBehalfOf,
    reason: request.reason,
    requestId,
    createdAt: new Date(now).toISOString(),
    ...(request.breaksGlass === true ? { breakGlass: true } : {}),
  };
}

/** What an operation claims and spends so that it may begin. */
export function termsOf(
  { request, by, targets }: AdmittedCall,
  surveys: ReadonlyMap<Target, Survey>,
  key: Claim | null,
  first: Prepared,
  awaiting?: Entry,
): Terms {
  const spending = request.dryRun ? [] : spendingOf(surveys, request, by);
  const claims = claimsOf(targets, request, key, first.at);
  const notices = noticesOfBeginning(first, awaiting?.record);
  return { claims, spending, ...(awaiting ? { awaiting } : {}), notices };
}

/** What a dry run tells once it is over. */
export async function foreseeEnd(
  { request, by, targets }: AdmittedCall,
  { surveys, refusal }: Seen,
  { header, at }: Prepared,
  { written }: Asking,
  journal: Journal,
): Promise<OperationEvent> {
  const foreseen = refusal ?? (await foreseeRefusal(journal, targets, surveys, request, at, by));
  const preview = previewOf(targets, surveys, request, foreseen, header.id, at);
  return {
    is: 'planned',
    at,
    preview,
    ...(written ? { written } : {}),
    ...(needsEvery(request) ? { requireAll: true } : {}),
  };
}
