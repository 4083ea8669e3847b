import { admitFlush, admitKill, admitTune, type Admission } from './admit.js';
import type { Clock } from './clock.js';
import type { OperationEvent } from './event.js';
import { Failure } from './failure.js';
import type { Journal } from './journal.js';
import type { Operation } from './operation.js';
import { headerOf } from './operation-header.js';
import { runPart, survey, type Survey } from './part.js';
import type { MutatingRequest, Place } from './request.js';
import type { Call, Target } from './target.js';

/** The most that an operation's exchanges with one target may take: jobs and pacing included. */
const longestPartMs = 600_000;

/** Begins operations, runs them to their end whatever their callers do, and tells how they stand. */
export class Operations {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<void>>();
  /** Calls that are looked into before anything is recorded of them. */
  readonly #starting = new Set<Promise<string>>();
  /** Aborts when waiters must be answered at once. */
  readonly #stopping = new AbortController();
  #accepts = true;
  readonly #listeners: ((operation: Operation) => void)[] = [];
  readonly #touchListeners: ((target: Target) => void)[] = [];
  readonly #faultListeners: ((id: string, thrown: unknown) => void)[] = [];

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Lets nobody wait any longer: whoever waits is told how things stand. New calls are still taken. */
  stopWaiting(): void {
    this.#stopping.abort();
  }

  /** Takes no new calls, and resolves once all that run have ended. */
  async drain(): Promise<void> {
    this.#accepts = false;
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#running.values());
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  async abandon(): Promise<void> {
    for (const id of this.#running.keys()) {
      const operation = await this.#journal.read(id);
      for (const { target, state } of operation?.targets ?? []) {
        if (state !== 'running') continue;
        const note = 'Sluice stopped before the vendor answered.';
        await this.#journal.append(id, { is: 'ended', at: this.#clock.now(), target, note });
      }
      await this.#close(id);
    }
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
    this.#listeners.push(listener);
  }

  /**
   * Admits a mutating call and begins it. Throws Failure if the whole call is refused; from then on, what a vendor does is
   * an outcome in the record. Resolves to the id of the operation once its first event is written.
   */
  async begin(admission: Admission, request: MutatingRequest, requestId: string): Promise<string> {
    this.#refuseWhileStopping();
    const starting = this.#begin(admission, request, requestId);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #begin(admission: Admission, request: MutatingRequest, requestId: string): Promise<string> {
    const startedAt = this.#clock.now();
    const targets = admit(admission, request);
    admission.refusals.throwIfAny();
    const calls = new Map(targets.map((target) => [target, this.#call(requestId)]));
    const surveys = await this.#surveyKill(calls, request, admission.place);
    this.#refuseWhileStopping();
    const header = headerOf(request, admission.caller.name, requestId, startedAt);
    const emit = (event: OperationEvent): Promise<void> => this.#journal.append(header.id, event);
    const asked = targets.map(({ name, backend }) => ({ target: name, backend }));
    await emit({ is: 'prepared', at: this.#clock.now(), header, targets: asked });
    const parts = targets.map(async (target) => {
      const call = calls.get(target) ?? this.#call(requestId);
      await runPart({ target, call, clock: this.#clock, emit }, request, surveys.get(target) ?? null);
      for (const listener of this.#touchListeners) listener(target);
    });
    this.#running.set(header.id, this.#finish(header.id, parts));
    return header.id;
  }

  /** How an operation stands; undefined if there is none with this id. */
  read(id: string): Promise<Operation | undefined> {
    return this.#journal.read(id);
  }

  /** Waits until an operation has ended, so many milliseconds have passed, or the signal aborts. */
  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const end = this.#running.get(id);
    if (!end || milliseconds <= 0) return;
    const stop = new AbortController();
    const abort = (): void => {
      stop.abort();
    };
    const signals = [this.#stopping.signal, ...(signal ? [signal] : [])];
    for (const one of signals) one.addEventListener('abort', abort, { once: true });
    if (signals.some((one) => one.aborted)) abort();
    await Promise.race([end, this.#clock.sleep(milliseconds, stop.signal)]);
    abort();
    for (const one of signals) one.removeEventListener('abort', abort);
  }

  #refuseWhileStopping(): void {
    if (!this.#accepts) throw new Failure('draining', 'This replica is stopping: another one takes the call.');
  }

  #call(requestId: string): Call {
    return { requestId, signal: new AbortController().signal, deadline: this.#clock.now() + longestPartMs };
  }

  /** A kill is refused by what a look shows, so all its targets are looked at before the first is touched. */
  async #surveyKill(
    calls: ReadonlyMap<Target, Call>,
    request: MutatingRequest,
    place: Place,
  ): Promise<ReadonlyMap<Target, Survey>> {
    if (request.kind !== 'processes.kill') return new Map();
    const clock = this.#clock;
    const surveys = new Map(
      await Promise.all(
        [...calls].map(
          async ([target, call]) => [target, await survey({ target, call, clock }, request, place)] as const,
        ),
      ),
    );
    refuseTooMany(surveys, request.max);
    return surveys;
  }

  async #close(id: string): Promise<void> {
    await this.#journal.append(id, { is: 'closed', at: this.#clock.now() });
    const operation = await this.#journal.read(id);
    this.#running.delete(id);
    if (operation) for (const listener of this.#listeners) listener(operation);
  }

  async #finish(id: string, parts: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(parts);
      if (this.#running.has(id)) await this.#close(id);
    } catch (thrown) {
      for (const listener of this.#faultListeners) listener(id, thrown);
    } finally {
      this.#running.delete(id);
    }
  }
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

function refuseTooMany(surveys: ReadonlyMap<Target, Survey>, max: number | null): void {
  const chosen = [...surveys.values()].flatMap((one) => one.chosen);
  const count = chosen.flatMap((one) => one.items).filter((item) => item.outcome === null).length;
  if (max === null || count <= max) return;
  throw new Failure(
    'too-many-processes',
    `${String(count)} processes match, and max is ${String(max)}: nothing was sent.`,
  );
}
