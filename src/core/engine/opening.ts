import { admitFlush, admitKill, admitTune, type Admission } from '../choose/admit.js';
import type { Clock } from '../model/clock.js';
import type { OperationEvent, Prepared } from '../model/event.js';
import { asFailure, type Failure } from '../model/failure.js';
import type { Claim, Journal } from '../record/journal.js';
import type { Keeper } from './leases.js';
import { headerOf } from './operation-header.js';
import type { Survey } from '../choose/survey.js';
import { previewOf } from '../choose/preview.js';
import { claimsOf, findRepeated, foreseeRefusal, refuseOpened, spendingOf } from '../choose/claims.js';
import { refuseChosen, refuseReadOnly } from '../choose/refuse.js';
import type { MutatingRequest } from '../model/request.js';
import type { Span } from '../model/span.js';
import { looksFirst, needsEvery, surveyAll } from '../choose/survey-all.js';
import { strategyOf } from '../model/abilities.js';
import type { Call, Target } from '../model/target.js';

/** What a mutating call brings along besides the request itself. */
export interface Asking {
  readonly requestId: string;
  /** Under which the same request is not carried out twice. */
  readonly key: Claim | null;
  /** What the call is part of, where somebody follows that. */
  readonly span?: Span;
  /** Told of the targets that the call is about, before any vendor is; may refuse it by throwing Failure. */
  readonly admitted?: (targets: readonly Target[]) => Promise<void>;
  /** Until when the caller waits for the answer, in milliseconds since the epoch. */
  readonly answerBy: number;
}

/** An operation whose first event is written: all that could refuse it has been asked. */
export interface Opened {
  readonly prepared: Prepared;
  /** When its lease was asked for, in milliseconds since the epoch. */
  readonly takenAt: number;
  readonly parts: readonly Part[];
  /** What is told of a dry run once it is over. */
  readonly planned: OperationEvent | null;
}

/** What an operation is on one target. */
interface Part {
  readonly target: Target;
  readonly call: Call;
  readonly surveyed: Survey | null;
}

/** The way of a mutating call up to the first event of its operation. */
export class Opening {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #refuseWhileStopping: () => void;

  constructor(journal: Journal, clock: Clock, keeper: Keeper, refuseWhileStopping: () => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#refuseWhileStopping = refuseWhileStopping;
  }

  /** Throws Failure if the whole call is refused. Resolves to an id if the call repeats that operation. */
  async begin(
    admission: Admission,
    request: MutatingRequest,
    asking: Asking,
    callFor: (target: Target) => Call,
  ): Promise<Opened | string> {
    const calls = new Map<Target, Call>();
    try {
      const opened = await this.#begin(admission, request, asking, (target) => {
        const call = callFor(target);
        calls.set(target, call);
        return call;
      });
      if (typeof opened === 'string') endSpans(calls, 'repeated', false);
      return opened;
    } catch (thrown) {
      endSpans(calls, asFailure(thrown).kind, true);
      throw thrown;
    }
  }

  async #begin(
    admission: Admission,
    request: MutatingRequest,
    asking: Asking,
    callFor: (target: Target) => Call,
  ): Promise<Opened | string> {
    const { place, caller } = admission;
    const startedAt = this.#clock.now();
    const targets = admit(admission, request);
    admission.refusals.throwIfAny();
    const readOnly = refuseReadOnly(targets, request, place);
    if (readOnly && !request.dryRun) throw readOnly;
    await asking.admitted?.(targets);
    // What could not be recorded is refused before anybody is looked at for it.
    if (looksFirst(request)) for (const { name } of targets.slice(0, 1)) await this.#journal.spent(name, startedAt);
    const calls = new Map(targets.map((target) => [target, callFor(target)]));
    const { surveys, unreachable } = await surveyAll(calls, request, place, this.#clock);
    const refusal = readOnly ?? unreachable ?? refuseChosen(surveys, request, place);
    if (refusal && !request.dryRun) throw refusal;
    this.#refuseWhileStopping();
    const now = this.#clock.now();
    const header = headerOf(request, caller.name, asking.requestId, startedAt);
    const asked = targets.map((target) => ({
      target: target.name,
      backend: target.backend,
      strategy: request.kind === 'sessions.flush' ? strategyOf(target, request.mode) : null,
    }));
    const prepared = { is: 'prepared', at: now, header, targets: asked, answerBy: asking.answerBy } as const;
    const planned = request.dryRun ? await this.#foresee(targets, surveys, request, refusal, prepared) : null;
    const takenAt = this.#clock.now();
    const repeated = await this.#write(prepared, targets, surveys, request, asking.key);
    if (repeated !== undefined) return repeated;
    const parts = [...calls].map(([target, call]) => ({ target, call, surveyed: surveys.get(target) ?? null }));
    return { prepared, takenAt, parts, planned };
  }

  async #foresee(
    targets: readonly Target[],
    surveys: ReadonlyMap<Target, Survey>,
    request: MutatingRequest,
    refusal: Failure | null,
    { header, at }: Prepared,
  ): Promise<OperationEvent> {
    const foreseen = refusal ?? (await foreseeRefusal(this.#journal, targets, surveys, request, at));
    const preview = previewOf(targets, surveys, request, foreseen, header.id, at);
    return { is: 'planned', at, preview, ...(needsEvery(request) ? { requireAll: true } : {}) };
  }

  /** Writes the first event, and takes what the call claims and spends: all of it, or nothing. */
  async #write(
    prepared: Prepared,
    targets: readonly Target[],
    surveys: ReadonlyMap<Target, Survey>,
    request: MutatingRequest,
    key: Claim | null,
  ): Promise<string | undefined> {
    const spending = request.dryRun ? [] : spendingOf(surveys, request);
    const terms = { claims: claimsOf(targets, request, key, prepared.at), spending };
    const opened = await this.#keeper.open(prepared, terms);
    if (opened.is === 'held' && opened.held.scope === 'key' && key) {
      const id = await findRepeated(this.#journal, key, prepared.at);
      if (id !== undefined) return id;
    }
    const refusal = refuseOpened(opened, spending);
    if (refusal) throw refusal;
    return undefined;
  }
}

function endSpans(calls: ReadonlyMap<Target, Call>, outcome: string, isFailure: boolean): void {
  for (const { span } of calls.values()) span?.end(outcome, isFailure);
}

function admit(admission: Admission, request: MutatingRequest): readonly Target[] {
  switch (request.kind) {
    case 'processes.kill':
      return admitKill(admission, request);
    case 'sessions.flush':
      return admitFlush(admission, request);
    case 'sessions.tune':
      return admitTune(admission, request);
  }
}
