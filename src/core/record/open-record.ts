import type { Clock } from '../model/clock.js';
import type { OperationEvent, TargetEvent } from '../model/event.js';
import { fold } from './fold.js';
import type { CancelRequest } from './brakes.js';
import { LeaseLost, type Journal } from './journal.js';
import { givenBackBy } from './given-back.js';
import { noticesOfEvents } from './notices.js';
import type { Operation } from '../model/operation.js';

/** Milliseconds before the store is tried again: soon at first, then patiently. */
const firstPauseMs = 250;
const longestPauseMs = 5000;

interface Waiter {
  readonly upTo: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/** The record of an operation that this process works on. Events are held at once, and written in their order. */
export class OpenRecord {
  readonly id: string;
  /** When its lease was asked for. */
  readonly takenAt: number;
  readonly #events: OperationEvent[] = [];
  readonly #byTarget = new Map<string, TargetEvent[]>();
  readonly #journal: Journal;
  readonly #owner: string;
  readonly clock: Clock;
  readonly #given = new AbortController();
  readonly #waiters: Waiter[] = [];
  #closedAt = Infinity;
  #overAt = Infinity;
  #cancelled = false;
  #writtenEvents: number;
  #writing = false;
  #folded: { readonly events: number; readonly operation: Operation } | null = null;

  /** The events that are written already come along. */
  constructor(
    id: string,
    events: readonly OperationEvent[],
    journal: Journal,
    owner: string,
    clock: Clock,
    takenAt: number,
  ) {
    this.id = id;
    this.#hold(events);
    this.#writtenEvents = events.length;
    this.#journal = journal;
    this.#owner = owner;
    this.clock = clock;
    this.takenAt = takenAt;
  }

  get events(): readonly OperationEvent[] {
    return this.#events;
  }

  /** What has happened on one target so far, in order. */
  eventsOn(target: string): readonly TargetEvent[] {
    return [...(this.#byTarget.get(target) ?? [])];
  }

  /** The names of its targets. */
  get targets(): readonly string[] {
    return this.#events[0]?.is === 'prepared' ? this.#events[0].targets.map(({ target }) => target) : [];
  }

  /** How the operation stands, with all that is known here. */
  get operation(): Operation {
    if (this.#folded?.events !== this.#events.length) {
      this.#folded = { events: this.#events.length, operation: fold(this.#events) };
    }
    return this.#folded.operation;
  }

  /** Was it asked that nothing more of it be sent? */
  get isCancelled(): boolean {
    return this.#cancelled;
  }

  /** Sends nothing more of it from now on. Whatever has ended stays as it is. */
  cancel({ at, requestedBy, reason }: CancelRequest): void {
    if (this.#cancelled || this.isClosed) return;
    this.add({ is: 'cancelled', at, requestedBy, reason: reason === '' ? null : reason });
  }

  get isClosed(): boolean {
    return this.#closedAt < Infinity;
  }

  /** Nothing more is to be expected of it. */
  get isOver(): boolean {
    return this.#overAt < Infinity;
  }

  /** Somebody else has taken the operation over, or it was given up: nothing may be sent for it any more. */
  get isLost(): boolean {
    return this.#given.signal.aborted;
  }

  /** Aborts when the operation is not ours any more. */
  get lost(): AbortSignal {
    return this.#given.signal;
  }

  add(...events: readonly OperationEvent[]): void {
    this.#hold(events);
    if (!this.#writing && !this.isLost) void this.#write();
  }

  #hold(events: readonly OperationEvent[]): void {
    for (const event of events) {
      if (event.is === 'cancelled') this.#cancelled = true;
      if (event.is === 'closed') this.#closedAt = Math.min(this.#closedAt, this.#events.length);
      if (event.is === 'over') this.#overAt = Math.min(this.#overAt, this.#events.length);
      this.#events.push(event);
      if (!('target' in event)) continue;
      const held = this.#byTarget.get(event.target);
      if (held) held.push(event);
      else this.#byTarget.set(event.target, [event]);
    }
  }

  /** Resolves once all that was added is written. Rejects if the store does not take it now: it is tried again. */
  written(): Promise<void> {
    if (this.isLost) return Promise.reject(new LeaseLost(this.id));
    if (this.#writtenEvents === this.#events.length) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ upTo: this.#events.length, resolve, reject });
    });
  }

  /** Resolves once all that was added is written, however long that takes, or once the operation is ours no more. */
  async whenWritten(): Promise<void> {
    while (!this.isLost) {
      try {
        await this.written();
        return;
      } catch {
        // It is being tried again.
      }
    }
  }

  /** Writes nothing any more. */
  giveUp(): void {
    this.#given.abort();
    this.#answer(new LeaseLost(this.id));
  }

  async #write(): Promise<void> {
    this.#writing = true;
    await gathered();
    for (let pauseMs = firstPauseMs; this.#writtenEvents < this.#events.length && !this.isLost;) {
      const upTo = this.#events.length;
      const events = this.#events.slice(this.#writtenEvents, upTo);
      try {
        const cancel = await this.#journal.append(this.id, this.#owner, {
          from: this.#writtenEvents,
          events,
          isOver: this.#overAt < upTo,
          ...(this.#events[0]?.is === 'prepared' ? { by: this.#events[0].header.requestedBy } : {}),
          ...givenBackBy(events, this.isClosed ? this.operation : null),
          notices: noticesOfEvents(events, () => this.operation),
        });
        this.#writtenEvents = upTo;
        if (cancel) this.cancel(cancel);
        pauseMs = firstPauseMs;
        this.#answer(null);
      } catch (thrown) {
        if (thrown instanceof LeaseLost) this.#given.abort();
        this.#answer(thrown);
        await this.clock.sleep(pauseMs, this.#given.signal);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    this.#writing = false;
  }

  /** Tells those who wait for what is written, or all of them why it is not. */
  #answer(reason: unknown): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (waiter.upTo <= this.#writtenEvents) waiter.resolve();
      else if (reason === null) this.#waiters.push(waiter);
      else waiter.reject(reason);
    }
  }
}

/** Resolves once all that is ready to run has run: what it adds is written together. */
function gathered(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
