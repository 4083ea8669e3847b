import { admitFlush, admitKill, admitTune, type Admission } from './admit.js';
import { Aftermath } from './aftermath.js';
import type { Clock } from './clock.js';
import type { OperationEvent, Prepared } from './event.js';
import type { Run } from './execute.js';
import { Failure, failureOf } from './failure.js';
import type { Claim, Held, Journal, Opened, Spending } from './journal.js';
import { lookAtNodes, lookCall, chooseNodes } from './look.js';
import { OpenRecord, unrecorded } from './open-record.js';
import { headerOf } from './operation-header.js';
import type { Operation } from './operation.js';
import { chooses, runPart, survey, type Survey } from './part.js';
import { previewOf } from './preview.js';
import { mostShared } from './problem.js';
import { budgetExhausted, flushInProgress, planGone, refuseChosen, refuseReadOnly, spendingOf } from './rails.js';
import { finish } from './recover.js';
import type { MutatingRequest, Place } from './request.js';
import { strategyOf, type Call, type Target, type Targets } from './target.js';

/** The most that an operation's exchanges with one target may take: jobs and pacing included. */
const longestPartMs = 600_000;
/** For how long an operation is ours after we last said so, and how often we say so. */
const leaseMs = 15_000;
const renewEveryMs = 5000;
/** What is left of a lease must be enough to send what was just recorded. */
const leaseMarginMs = 2000;
/** A flush that was left behind is not in the way for ever. */
const flushClaimMs = longestPartMs + 60_000;
/** How often an operation of another replica is asked after by who waits for it. */
const askAgainMs = 500;
/** How many operations that nobody keeps are taken over at once. */
const mostAdopted = 100;

/** What a mutating call brings along besides the request itself. */
export interface Asking {
  readonly requestId: string;
  /** Under which the same request is not done twice. */
  readonly key: Claim | null;
  /** Until when the caller waits for the answer, in milliseconds since the epoch. */
  readonly answerBy: number;
}

/** An operation that began, or that a request was found to repeat. */
export interface Begun {
  readonly operation: Operation;
  readonly isRepeated: boolean;
}

interface Running {
  readonly record: OpenRecord;
  readonly openedAt: number;
  /** Resolves once the operation is closed. */
  readonly closed: Promise<void>;
}

/** Begins operations, runs them to their end whatever their callers do, and tells how they stand. */
export class Operations {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #owner: string;
  readonly #aftermath = new Aftermath();
  /** All that this process works on, and those among them that have not ended. */
  readonly #open = new Map<string, Running>();
  readonly #running = new Set<string>();
  /** Calls that are looked into before anything is recorded of them. */
  readonly #starting = new Set<Promise<Begun>>();
  /** Aborts when waiters must be answered at once. */
  readonly #stopping = new AbortController();
  readonly #stopped = new AbortController();
  #accepts = true;
  #leasedUntil = 0;
  readonly #endListeners: ((operation: Operation) => void)[] = [];
  readonly #changeListeners: ((operation: Operation) => void)[] = [];
  readonly #touchListeners: ((target: Target) => void)[] = [];
  readonly #faultListeners: ((id: string, thrown: unknown) => void)[] = [];

  /** The owner is a name that no other process has. */
  constructor(journal: Journal, clock: Clock, owner: string) {
    this.#journal = journal;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Keeps what this process works on, and takes over what nobody keeps any more. The targets are those of the moment. */
  keep(targets: () => Targets): void {
    void this.#repeat(renewEveryMs, () => this.#renew());
    void this.#repeat(renewEveryMs, () => this.#adopt(targets));
  }

  /** Lets nobody wait any longer: whoever waits is told how things stand. New calls are still taken. */
  stopWaiting(): void {
    this.#stopping.abort();
  }

  /** Takes no new calls, and resolves once all that run have ended. */
  async drain(): Promise<void> {
    this.#accepts = false;
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#running].map((id) => this.#open.get(id)?.closed));
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  async abandon(): Promise<void> {
    for (const id of this.#running) {
      const record = this.#open.get(id)?.record;
      if (!record) continue;
      const note = 'Sluice stopped before the vendor answered.';
      for (const { target, state } of record.operation.targets) {
        if (state === 'running') record.add({ is: 'ended', at: this.#clock.now(), target, note });
      }
      await this.#close(record);
      record.giveUp();
    }
  }

  /** Gives back whatever is still watched or settled, so that another replica goes on with it at once. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const { record } of this.#open.values()) record.giveUp();
    if (this.#open.size > 0) await this.#journal.renew({ owner: this.#owner, until: this.#clock.now() });
  }

  /** How many operations run in this process. */
  get running(): number {
    return this.#running.size;
  }

  /** Calls the listener with what kept a record from being completed: a defect, or a store that cannot be written. */
  onFault(listener: (id: string, thrown: unknown) => void): void {
    this.#faultListeners.push(listener);
  }

  /** Calls the listener with every target whose part of an operation is over: what was seen of it before is history. */
  onTouched(listener: (target: Target) => void): void {
    this.#touchListeners.push(listener);
  }

  /** Calls the listener with every operation that ends here, dry runs included. */
  onEnd(listener: (operation: Operation) => void): void {
    this.#endListeners.push(listener);
  }

  /** Calls the listener with every operation of which more became known here after it had ended. */
  onChange(listener: (operation: Operation) => void): void {
    this.#changeListeners.push(listener);
  }

  /**
   * Admits a mutating call and begins it. Throws Failure if the whole call is refused; from then on, what a vendor does is
   * an outcome in the record. Resolves once the first event of the operation is written.
   */
  async begin(admission: Admission, request: MutatingRequest, asking: Asking): Promise<Begun> {
    this.#refuseWhileStopping();
    const starting = this.#begin(admission, request, asking);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** The operation that a key stands for; undefined if it is free. Throws Failure if another request came under it. */
  async repeated(key: Claim): Promise<Operation | undefined> {
    const held = await this.#journal.held('key', key.name, this.#clock.now());
    return held && (await this.#repeat_(held, key));
  }

  async #begin(admission: Admission, request: MutatingRequest, asking: Asking): Promise<Begun> {
    const { place } = admission;
    const startedAt = this.#clock.now();
    const targets = admit(admission, request);
    admission.refusals.throwIfAny();
    const readOnly = refuseReadOnly(targets, request, place);
    if (readOnly && !request.dryRun) throw readOnly;
    const calls = new Map(targets.map((target) => [target, this.#call(asking.requestId)]));
    const { surveys, unreachable } = await this.#surveyAll(calls, request, place);
    const refusal =
      readOnly ??
      unreachable ??
      refuseChosen(surveys, request, place) ??
      (request.dryRun ? await this.#foreseeRefusal(targets, surveys, request) : null);
    if (refusal && !request.dryRun) throw refusal;
    this.#refuseWhileStopping();
    const header = headerOf(request, admission.caller.name, asking.requestId, startedAt);
    const prepared: Prepared = {
      is: 'prepared',
      at: this.#clock.now(),
      header,
      targets: targets.map((target) => ({
        target: target.name,
        backend: target.backend,
        strategy: request.kind === 'sessions.flush' ? strategyOf(target, request.mode) : null,
      })),
      answerBy: asking.answerBy,
    };
    const spending = request.dryRun ? [] : spendingOf(surveys, request);
    const openedAt = this.#clock.now();
    const opened = await this.#journal.open(
      prepared,
      { claims: this.#claimsOf(targets, request, asking.key), spending },
      { owner: this.#owner, until: openedAt + leaseMs },
    );
    const repeated = await this.#judge(opened, spending, asking.key);
    if (repeated) return { operation: repeated, isRepeated: true };
    const record = new OpenRecord(header.id, [prepared], this.#journal, this.#owner, this.#clock);
    const preview = request.dryRun
      ? previewOf(targets, surveys, request, refusal, header.id, this.#clock.now())
      : undefined;
    this.#run(record, openedAt, async () => {
      await Promise.all(
        targets.map(async (target) => {
          const run = this.#runOf(record, target, calls.get(target) ?? this.#call(asking.requestId));
          await runPart(run, request, surveys.get(target) ?? null, place);
          for (const listener of this.#touchListeners) listener(target);
        }),
      );
      if (preview) record.add({ is: 'planned', at: this.#clock.now(), preview });
      if (this.#running.has(record.id)) await this.#close(record);
    }, targets);
    return { operation: record.operation, isRepeated: false };
  }
