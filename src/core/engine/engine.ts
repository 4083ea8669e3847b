import { findRepeated, refuseOpened } from '../choose/claims.js';
import type { AdmittedCall } from '../choose/admitted.js';
import type { Clock } from '../model/clock.js';
import { asFailure, Failure } from '../model/failure.js';
import { Room } from '../model/room.js';
import type { Call, Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';
import type { Claim, Journal } from '../record/journal.js';
import { isOver } from '../record/is-over.js';
import { OpenRecord } from '../record/open-record.js';
import { WaitingApprovals } from './approvals.js';
import { callOf, callsOf, endCalls } from './calls.js';
import { BrakeWatch } from './brake-watch.js';
import { Elsewhere } from './elsewhere.js';
import { OperationHandle, type Found } from './handle.js';
import type { EngineOptions } from './engine-options.js';
import { Keeper } from './leases.js';
import { Listeners } from './listeners.js';
import { foreseeEnd, prepare, surveyCall, termsOf, type Asking } from './opening.js';
import { breaksGlass, partsOf } from './parts.js';
import { proposalOf } from './proposing.js';
import { OpenOperations } from './running.js';
import { Waits } from './waits.js';

/** Begins operations, runs them to their end whatever their callers do, and tells how they stand. */
export class Engine {
  readonly listeners = new Listeners();
  /** What stops what runs, or would begin. */
  readonly brakes: BrakeWatch;
  readonly approvals: WaitingApprovals;
  /** Nobody waits here any longer. */
  isStopping = false;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #open: OpenOperations;
  /** Calls that are looked into before anything is recorded of them. */
  readonly #starting = new Set<Promise<OperationHandle>>();
  readonly #waits: Waits;
  readonly #room: Room;
  readonly #elsewhere: Elsewhere;
  #accepts = true;

  /** The owner is a name that no other process has. */
  constructor(journal: Journal, clock: Clock, owner: string, options: EngineOptions = {}) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = new Keeper(journal, clock, owner, options.leases);
    this.brakes = new BrakeWatch(journal.brakes, clock, owner, options.monotonic ?? (() => performance.now()));
    this.#open = new OpenOperations(journal, clock, this.#keeper, this.brakes, this.listeners);
    this.#room = new Room(options.mostSeen);
    const parts = { journal, clock, keeper: this.#keeper, open: this.#open };
    this.approvals = new WaitingApprovals({ ...parts, brakes: this.brakes, listeners: this.listeners });
    this.#waits = new Waits(options);
    this.#elsewhere = new Elsewhere(journal, clock);
  }

  /** Keeps what this process works on, and takes over what no process keeps. Targets are those of the moment. */
  keep(targets: () => Targets, reread: () => Promise<void> = () => Promise.resolve()): void {
    this.brakes.start(targets, {
      reread,
      isRunning: () => this.running > 0,
      cancel: (id, request) => this.#open.get(id)?.record.cancel(request),
      onError: (thrown) => {
        this.listeners.tellError(null, thrown);
      },
    });
    this.approvals.start();
    this.#keeper.start(
      () => this.#open.ids,
      (id, takenAt) => this.#open.takeOver(id, takenAt, targets, (requestId) => callOf(requestId, this.#clock.now())),
      (thrown) => {
        this.listeners.tellError(null, thrown);
      },
    );
  }

  /** Ends all waiting: those who wait are told how things stand. New calls are still taken. */
  stopWaiting(): void {
    this.isStopping = true;
    this.#waits.stop();
  }

  /** Takes no new calls, and resolves once all that run have ended. */
  async drain(): Promise<void> {
    this.#accepts = false;
    this.approvals.refuse();
    await Promise.allSettled(this.#starting);
    await this.#open.closed();
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  readonly abandon = (): Promise<void> => this.#open.abandon();

  /** Gives back whatever is still watched or settled, so that another replica can go on with it at once. */
  async stop(): Promise<void> {
    this.brakes.stop();
    this.approvals.stop();
    const hasAny = !this.#open.isEmpty;
    this.#open.giveUp();
    try {
      await this.#keeper.stop(hasAny);
    } catch (thrown) {
      // Others wait for the leases to end.
      this.listeners.tellError(null, thrown);
    }
  }

  /** How many operations run in this process. */
  get running(): number {
    return this.#open.unclosed.length;
  }

  /** For how long the oldest operation of this process has been running; 0 if none runs. */
  get oldestRunningMs(): number {
    return this.#open.oldestMs;
  }

  /**
   * Begins an admitted call, or finds the operation that it repeats. Throws Failure if the whole call is refused; from
   * then on, what a vendor does is an outcome in the record. Resolves once the first event of the operation is written.
   */
  async open(call: AdmittedCall, asking: Asking): Promise<OperationHandle> {
    this.#refuseWhileStopping();
    const release = call.snapshot.hold?.();
    const calls = callsOf(call, asking, this.#clock.now(), this.#room);
    const starting = this.#begin(call, asking, calls);
    this.#starting.add(starting);
    try {
      const operation = await starting;
      if (operation.isRepeated) endCalls(calls, 'repeated', false);
      if (operation.isWaiting) endCalls(calls, 'awaitingApproval', false);
      return operation;
    } catch (thrown) {
      const failure = asFailure(thrown);
      endCalls(calls, failure.kind, true);
      this.listeners.tellRefusal({ call, requestId: asking.requestId, failure });
      throw thrown;
    } finally {
      this.#starting.delete(starting);
      release?.();
    }
  }

  /** The operation that a key stands for; undefined if it is free. Throws Failure if another request came under it. */
  async repeated(key: Claim, caller: string): Promise<OperationHandle | undefined> {
    const kept = await findRepeated(this.#journal, key, this.#clock.now());
    return kept && this.#handle({ kept }, true, caller);
  }

  /** The operation with an id, for a caller who may wait for it; undefined if there is none. */
  async find(id: string, caller: string): Promise<OperationHandle | undefined> {
    const running = this.#open.get(id);
    if (running) return this.#handle({ running }, false, caller);
    const kept = await this.#journal.read(id);
    return kept && this.#handle({ kept: kept.operation, isOver: isOver(kept.events) }, false, caller);
  }

  async #begin(call: AdmittedCall, asking: Asking, calls: ReadonlyMap<Target, Call>): Promise<OperationHandle> {
    const startedAt = this.#clock.now();
    const seen = await surveyCall(call, calls, this.#journal, this.#clock);
    this.#refuseWhileStopping();
    const first = prepare(call, asking, startedAt, this.#clock.now());
    const planned = call.request.dryRun ? await foreseeEnd(call, seen, first, asking, this.#journal) : null;
    const takenAt = this.#clock.now();
    const isForApproval = call.request.isForApproval === true && !call.request.dryRun;
    const proposal = isForApproval ? proposalOf(call, seen.surveys, first) : null;
    const terms = termsOf(call, seen.surveys, asking.key, first, proposal?.entry);
    const opened = await this.#keeper.open(first, terms, proposal?.waitMs);
    if (opened.is === 'held' && (opened.held.scope === 'key' || opened.held.scope === 'request') && asking.key) {
      const repeated = await this.repeated(asking.key, call.caller);
      if (repeated) return repeated;
    }
    const refusal = refuseOpened(opened, terms.spending);
    if (refusal) throw refusal;
    const told = { by: call.caller, reason: call.request.reason, requestId: asking.requestId };
    const kept = proposal?.entry.record;
    if (kept) {
      this.listeners.tellApproval({ is: 'requested', operation: kept, ...told });
      return this.#handle({ kept }, false, call.caller);
    }
    const { id } = first.header;
    const record = new OpenRecord(id, [first], this.#journal, this.#keeper.owner, this.#clock, takenAt);
    const work = partsOf(this.#open, this.listeners, record, { call, calls, surveys: seen.surveys, planned });
    const running = this.#open.run(record, call.snapshot, work);
    if (breaksGlass(call.request)) {
      this.listeners.tellApproval({ is: 'breakGlass', operation: record.operation, ...told });
    }
    return this.#handle({ running }, false, call.caller);
  }

  #handle(found: Found, isRepeated: boolean, caller: string): OperationHandle {
    const running = 'kept' in found ? this.#open.get(found.kept.id) : undefined;
    return new OperationHandle(running ? { running } : found, isRepeated, caller, this.#waits, this.#elsewhere);
  }

  #refuseWhileStopping(): void {
    if (!this.#accepts) throw new Failure('draining', 'This replica is stopping: another one takes the call.');
  }
}
