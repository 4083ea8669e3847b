import type { Admission } from '../choose/admit.js';
import type { Clock } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import type { Claim, Journal } from '../record/journal.js';
import { Keeper, type LeaseTimes } from './leases.js';
import { Listeners } from './listeners.js';
import { OpenOperations } from './running.js';
import { OpenRecord } from '../record/open-record.js';
import { Opening, type Asking } from './opening.js';
import type { Operation } from '../model/operation.js';
import { runPart } from '../execute/part.js';
import { findRepeated } from '../choose/claims.js';
import type { MutatingRequest } from '../model/request.js';
import type { Call, Target } from '../model/target.js';
import type { Targets } from '../model/targets.js';

/** The most that an operation's exchanges with one target may take: jobs and pacing included. */
const longestPartMs = 600_000;
/** How often an operation of another replica is asked after by who waits for it. */
const askAgainMs = 500;

/** Why nobody waits any longer. */
const over = Symbol('over');

/** An operation that began, or that a request was found to repeat. */
export interface Begun {
  readonly id: string;
  readonly isRepeated: boolean;
}

/** Begins operations, runs them to their end whatever their callers do, and tells how they stand. */
export class Operations {
  /** Who is told of what becomes of them. */
  readonly listeners = new Listeners();
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  readonly #open: OpenOperations;
  readonly #opening: Opening;
  /** Calls that are looked into before anything is recorded of them. */
  readonly #starting = new Set<Promise<Begun>>();
  /** Ends what each of those waits for who wait for an operation. */
  readonly #waiting = new Set<() => void>();
  #isStopping = false;
  #accepts = true;

  /** The owner is a name that no other process has. */
  constructor(journal: Journal, clock: Clock, owner: string, leases?: LeaseTimes) {
    this.#journal = journal;
    this.#clock = clock;
    this.#keeper = new Keeper(journal, clock, owner, leases);
    this.#open = new OpenOperations(journal, clock, this.#keeper, this.listeners);
    this.#opening = new Opening(journal, clock, this.#keeper, () => {
      this.#refuseWhileStopping();
    });
  }

  /** Keeps what this process works on, and takes over what nobody keeps any more. The targets are those of the moment. */
  keep(targets: () => Targets): void {
    this.#keeper.start(
      () => this.#open.ids,
      (id, takenAt) => this.#open.takeOver(id, takenAt, targets, (requestId) => callOf(requestId, this.#clock.now())),
      (thrown) => {
        this.listeners.tellError(null, thrown);
      },
    );
  }

  /** Lets nobody wait any longer: whoever waits is told how things stand. New calls are still taken. */
  stopWaiting(): void {
    this.#isStopping = true;
    for (const end of this.#waiting) end();
  }

  /** Takes no new calls, and resolves once all that run have ended. */
  async drain(): Promise<void> {
    this.#accepts = false;
    await Promise.allSettled(this.#starting);
    await this.#open.closed();
  }

  /** Records what still runs as it stands: what was sent and not answered is unknown. Nothing is sent any more. */
  abandon(): Promise<void> {
    return this.#open.abandon();
  }

  /** Gives back whatever is still watched or settled, so that another replica can go on with it at once. */
  async stop(): Promise<void> {
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
    const now = this.#clock.now();
    return Math.max(0, ...this.#open.unclosed.map(({ record }) => now - (record.events[0]?.at ?? now)));
  }

  /**
   * Admits a mutating call and begins it. Throws Failure if the whole call is refused; from then on, what a vendor does is
   * an outcome in the record. Resolves once the first event of the operation is written.
   */
  async begin(admission: Admission, request: MutatingRequest, asking: Asking): Promise<Begun> {
    this.#refuseWhileStopping();
    const release = admission.targets.hold?.();
    const starting = this.#begin(admission, request, asking);
    this.#starting.add(starting);
    try {
      return await starting;
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
    return this.#open.get(id)?.record.operation ?? (await this.#journal.read(id))?.operation;
  }

  /** Waits until an operation has ended, so many milliseconds have passed, or the signal aborts. */
  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds <= 0 || this.#isStopping || signal?.aborted) return;
    const waiting = new AbortController();
    const end = (): void => {
      // A reason of our own: without one an error is made each time, with its stack.
      waiting.abort(over);
    };
    this.#waiting.add(end);
    signal?.addEventListener('abort', end, { once: true });
    try {
      const ended = this.#open.get(id)?.closed ?? this.#endElsewhere(id, waiting.signal);
      await Promise.race([ended, this.#clock.sleep(milliseconds, waiting.signal)]);
    } finally {
      end();
      this.#waiting.delete(end);
      signal?.removeEventListener('abort', end);
    }
  }

  /** Another replica works on it: it is asked after, until the signal aborts. */
  async #endElsewhere(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.#journal.read(id))?.operation.state === 'running') {
      await this.#clock.sleep(askAgainMs, signal);
    }
  }

  async #begin(admission: Admission, request: MutatingRequest, asking: Asking): Promise<Begun> {
    const opened = await this.#opening.begin(admission, request, asking, ({ name: target, backend }) => {
      const own = asking.span?.child('target', request.kind, { kind: request.kind, target, backend });
      return { ...callOf(asking.requestId, this.#clock.now()), ...(own ? { span: own } : {}) };
    });
    if (typeof opened === 'string') return { id: opened, isRepeated: true };
    const { prepared, takenAt, parts, planned } = opened;
    const { id } = prepared.header;
    const record = new OpenRecord(id, [prepared], this.#journal, this.#keeper.owner, this.#clock, takenAt);
    this.#open.run(record, admission.targets, async () => {
      await Promise.all(
        parts.map(async ({ target, call, surveyed }) => {
          await runPart(this.#open.runOf(record, target, call), request, surveyed, admission.place);
          endSpan(call, record, target);
          this.listeners.tellTouched(target, id);
        }),
      );
      if (planned) record.add(planned);
    });
    return { id, isRepeated: false };
  }

  #refuseWhileStopping(): void {
    if (!this.#accepts) throw new Failure('draining', 'This replica is stopping: another one takes the call.');
  }
}

function callOf(requestId: string, now: number): Call {
  return { requestId, signal: new AbortController().signal, deadline: now + longestPartMs, isUrgent: true };
}

/** A record is only asked how its target came out where somebody follows that. */
function endSpan({ span }: Call, record: OpenRecord, { name }: Target): void {
  if (!span) return;
  const state = record.operation.targets.find(({ target }) => target === name)?.state ?? 'unknown';
  span.end(state, state !== 'succeeded' && state !== 'planned');
}
