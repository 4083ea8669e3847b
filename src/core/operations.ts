import { admitFlush, admitKill, admitTune, type Admission } from './admit.js';
import { Aftermath } from './aftermath.js';
import type { Clock } from './clock.js';
import type { Prepared } from './event.js';
import type { Run } from './execute.js';
import { asFailure, Failure } from './failure.js';
import type { Claim, Journal } from './journal.js';
import { Keeper } from './keeper.js';
import { OpenRecord, unrecorded } from './open-record.js';
import { headerOf } from './operation-header.js';
import type { Operation } from './operation.js';
import { runPart } from './part.js';
import { previewOf } from './preview.js';
import { claimsOf, foreseeRefusal, refuseChosen, refuseOpened, refuseReadOnly, spendingOf } from './rails.js';
import { finish } from './recover.js';
import { findRepeated } from './repeat.js';
import type { MutatingRequest } from './request.js';
import type { Span } from './span.js';
import { surveyAll } from './survey-all.js';
import { strategyOf, type Call, type Target, type Targets } from './target.js';

/** The most that an operation's exchanges with one target may take: jobs and pacing included. */
const longestPartMs = 600_000;
/** How often an operation of another replica is asked after by who waits for it. */
const askAgainMs = 500;

/** What a mutating call brings along besides the request itself. */
export interface Asking {
  readonly requestId: string;
  /** Under which the same request is not carried out twice. */
  readonly key: Claim | null;
  /** What the call is part of, where somebody follows that. */
  readonly span?: Span;
  /** Until when the caller waits for the answer, in milliseconds since the epoch. */
  readonly answerBy: number;
}

/** An operation that began, or that a request was found to repeat. */
export interface Begun {
  readonly id: string;
  readonly isRepeated: boolean;
}

type Find = (name: string) => Target | undefined;

interface Running {
  readonly record: OpenRecord;
  /** Resolves once the operation is closed. */
  readonly closed: Promise<void>;
}

/** Begins operations, runs them to their end whatever their callers do, and tells how they stand. */
export class Operations {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #aftermath = new Aftermath();
  /** All that this process works on; what has ended may still be settled or watched. */
  readonly #open = new Map<string, Running>();
  /** Calls that are looked into before anything is recorded of them. */
  readonly #starting = new Set<Promise<Begun>>();
  /** Aborts when waiters must be answered at once. */
  readonly #stopping = new AbortController();
  #accepts = true;
  readonly #endListeners: ((operation: Operation) => void)[] = [];
  readonly #changeListeners: ((operation: Operation) => void)[] = [];
  readonly #touchListeners: ((target: Target) => void)[] = [];
  readonly #faultListeners: ((id: string | null, thrown: unknown) => void)[] = [];

  /** The owner is a name that no other process has. */
  constructor(journal: Journal, clock: Clock, owner: string) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = new Keeper(journal, clock, owner);
  }

  /** Keeps what this process works on, and takes over what nobody keeps any more. The targets are those of the moment. */
  keep(targets: () => Targets): void {
    this.#keeper.start(
      () => [...this.#open.keys()],
      (id) => this.#takeOver(id, targets()),
      (thrown) => {
        this.#tellFault(null, thrown);
      },
    );
  }

  /** Lets nobody wait any longer: whoever waits is told how things stand. New calls are still taken. */
  stopWaiting(): void {
    this.#stopping.abort();
  }

  /** Takes no new calls, and resolves once all that run have ended. */
  async drain(): Promise<void> {
    this.#accepts = false;
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#unclosed().map(({ closed }) => closed));
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  async abandon(): Promise<void> {
    await Promise.all(
      this.#unclosed().map(async ({ record }) => {
        const note = 'Sluice stopped before the vendor answered.';
        for (const { target, state } of record.operation.targets) {
          if (state === 'running') record.add({ is: 'ended', at: this.#clock.now(), target, note });
        }
        await this.#close(record);
        record.giveUp();
      }),
    );
  }

  /** Gives back whatever is still watched or settled, so that another replica can go on with it at once. */
  async stop(): Promise<void> {
    for (const { record } of this.#open.values()) record.giveUp();
    await this.#keeper.stop(this.#open.size > 0);
  }

  /** How many operations run in this process. */
  get running(): number {
    return this.#unclosed().length;
  }

  /** Calls the listener with what kept a record from being completed: a defect, or a store that cannot be written. */
  onFault(listener: (id: string | null, thrown: unknown) => void): void {
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
    const release = admission.targets.hold?.();
    const calls = new Map<Target, Call>();
    const starting = this.#begin(admission, request, asking, calls);
    this.#starting.add(starting);
    try {
      const begun = await starting;
      if (begun.isRepeated) endSpans(calls, 'repeated', false);
      return begun;
    } catch (thrown) {
      endSpans(calls, asFailure(thrown).kind, true);
      throw thrown;
    } finally {
      this.#starting.delete(starting);
      release?.();
    }
  }

  /** The operation that a key stands for; undefined if it is free. Throws Failure if another request came under it. */
  repeated(key: Claim): Promise<string | undefined> {
    return findRepeated(this.#journal, key, this.#clock.now());
  }

  /** How an operation stands; undefined if there is none with this id. */
  async read(id: string): Promise<Operation | undefined> {
    const mine = this.#open.get(id);
    return mine && !mine.record.isLost ? mine.record.operation : (await this.#journal.read(id))?.operation;
  }

  /** Waits until an operation has ended, so many milliseconds have passed, or the signal aborts. */
  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds <= 0) return;
    const stop = new AbortController();
    const signals = AbortSignal.any([this.#stopping.signal, stop.signal, ...(signal ? [signal] : [])]);
    const mine = this.#open.get(id);
    const end = mine ? mine.closed : this.#endElsewhere(id, this.#clock.now() + milliseconds, signals);
    await Promise.race([end, this.#clock.sleep(milliseconds, signals)]);
    stop.abort();
  }

  async #endElsewhere(id: string, until: number, signal: AbortSignal): Promise<void> {
    while ((await this.#journal.read(id))?.operation.state === 'running' && this.#clock.now() < until) {
      await this.#clock.sleep(askAgainMs, signal);
      if (signal.aborted) return;
    }
  }

  async #begin(
    admission: Admission,
    request: MutatingRequest,
    asking: Asking,
    calls: Map<Target, Call>,
  ): Promise<Begun> {
    const { place } = admission;
    const startedAt = this.#clock.now();
    const targets = admit(admission, request);
    admission.refusals.throwIfAny();
    const readOnly = refuseReadOnly(targets, request, place);
    if (readOnly && !request.dryRun) throw readOnly;
    for (const target of targets) calls.set(target, this.#callOn(target, request, asking));
    const { surveys, unreachable } = await surveyAll(calls, request, place, this.#clock);
    const refusal = readOnly ?? unreachable ?? refuseChosen(surveys, request, place);
    if (refusal && !request.dryRun) throw refusal;
    this.#refuseWhileStopping();

    const header = headerOf(request, admission.caller.name, asking.requestId, startedAt);
    const now = this.#clock.now();
    const prepared: Prepared = {
      is: 'prepared',
      at: now,
      header,
      targets: targets.map((target) => ({
        target: target.name,
        backend: target.backend,
        strategy: request.kind === 'sessions.flush' ? strategyOf(target, request.mode) : null,
      })),
      answerBy: asking.answerBy,
    };
    const preview = request.dryRun
      ? previewOf(
          targets,
          surveys,
          request,
          refusal ?? (await foreseeRefusal(this.#journal, targets, surveys, request, now)),
          header.id,
          now,
        )
      : null;
    const spending = request.dryRun ? [] : spendingOf(surveys, request);
    const terms = { claims: claimsOf(targets, request, asking.key, now), spending };
    const opened = await this.#journal.open(prepared, terms, this.#keeper.lease());
    if (opened.is === 'held' && opened.held.scope === 'key' && asking.key) {
      const id = await findRepeated(this.#journal, asking.key, now);
      if (id !== undefined) return { id, isRepeated: true };
    }
    const late = refuseOpened(opened, spending);
    if (late) throw late;

    const record = new OpenRecord(header.id, [prepared], this.#journal, this.#keeper.owner, this.#clock);
    this.#run(record, admission.targets, async () => {
      await Promise.all(
        targets.map(async (target) => {
          const run = this.#runOf(record, target, calls.get(target) ?? this.#call(asking.requestId));
          await runPart(run, request, surveys.get(target) ?? null, place);
          endSpan(run.call, record, target);
          for (const listener of this.#touchListeners) listener(target);
        }),
      );
      if (preview) record.add({ is: 'planned', at: this.#clock.now(), preview });
    });
    return { id: header.id, isRepeated: false };
  }

  /** Runs an operation to its end, and goes on with what is left to be done for it afterwards: with the targets it began with. */
  #run(record: OpenRecord, targets: Targets, work: () => Promise<void>): void {
    const find: Find = (name) => targets.named(name);
    const release = targets.hold?.();
    const closed = (async () => {
      try {
        if (!record.isClosed) {
          await work();
          if (!record.isLost && !record.isClosed) await this.#close(record, find);
        }
      } catch (thrown) {
        this.#tellFault(record.id, thrown);
      }
    })();
    this.#open.set(record.id, { record, closed });
    void closed.then(async () => {
      try {
        await this.#goOn(record, find);
      } catch (thrown) {
        this.#tellFault(record.id, thrown);
      } finally {
        this.#open.delete(record.id);
        release?.();
      }
    });
  }

  async #goOn(record: OpenRecord, find: Find): Promise<void> {
    if (!record.isOver) {
      const before = record.events.length;
      await this.#aftermath.run(record, find);
      if (record.isLost) return;
      const isNews = record.events.length > before;
      record.add({ is: 'over', at: this.#clock.now() });
      if (isNews) for (const listener of this.#changeListeners) listener(record.operation);
    }
    await record.whenWritten();
  }

  async #takeOver(id: string, targets: Targets): Promise<void> {
    if (this.#open.has(id)) return;
    const kept = await this.#journal.read(id);
    if (!kept) return;
    const record = new OpenRecord(id, kept.events, this.#journal, this.#keeper.owner, this.#clock);
    this.#run(record, targets, () =>
      finish(
        record,
        (name) => targets.named(name),
        (target) => this.#runOf(record, target, this.#call(kept.operation.requestId)),
      ),
    );
  }

  #runOf(record: OpenRecord, target: Target, call: Call): Run {
    return {
      target,
      call,
      clock: this.#clock,
      emit: (event) => {
        record.add(event);
      },
      recorded: async () => {
        try {
          await record.written();
          this.#keeper.assertHolds(record.id, record.takenAt);
        } catch (thrown) {
          throw unrecorded(thrown);
        }
      },
    };
  }

  /** Where its targets cannot be found here, whatever is left to be done is left to others. */
  async #close(record: OpenRecord, find?: Find): Promise<void> {
    const at = this.#clock.now();
    const isOver = find !== undefined && !this.#aftermath.isNeeded(record, find);
    record.add({ is: 'closed', at }, ...(isOver ? [{ is: 'over', at } as const] : []));
    try {
      await record.written();
    } catch (thrown) {
      // It is written as soon as the store can be: until then the record is told from here.
      this.#tellFault(record.id, thrown);
    }
    for (const listener of this.#endListeners) listener(record.operation);
  }

  #unclosed(): readonly Running[] {
    return [...this.#open.values()].filter(({ record }) => !record.isClosed);
  }

  #refuseWhileStopping(): void {
    if (!this.#accepts) throw new Failure('draining', 'This replica is stopping: another one takes the call.');
  }

  #callOn({ name: target, backend }: Target, { kind }: MutatingRequest, { requestId, span }: Asking): Call {
    const own = span?.child('target', kind, { kind, target, backend });
    return { ...this.#call(requestId), ...(own ? { span: own } : {}) };
  }

  #call(requestId: string): Call {
    return { requestId, signal: new AbortController().signal, deadline: this.#clock.now() + longestPartMs };
  }

  #tellFault(id: string | null, thrown: unknown): void {
    for (const listener of this.#faultListeners) listener(id, thrown);
  }
}

function endSpans(calls: ReadonlyMap<Target, Call>, outcome: string, isFailure: boolean): void {
  for (const { span } of calls.values()) span?.end(outcome, isFailure);
}

/** A record is only asked how its target came out where somebody follows that. */
function endSpan({ span }: Call, { operation }: OpenRecord, { name }: Target): void {
  if (!span) return;
  const state = operation.targets.find(({ target }) => target === name)?.state ?? 'unknown';
  span.end(state, state !== 'succeeded' && state !== 'planned');
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
