import { MemoryJournal } from '../../store/memory/memory.journal.js';
import type { After, Clock } from '../model/clock.js';
import type { OperationEvent, Prepared } from '../model/event.js';
import { Failure } from '../model/failure.js';
import type { CancelRequest } from './brakes.js';
import type { Claim, Entry, Held, StoredOperation, Lease, OpenResult, Terms } from './journal.js';

export const start = Date.UTC(2026, 1, 1);

/** A clock that the test moves. With `auto`, every sleep is over at once, and moves it. */
export class SpecClock implements Clock {
  auto = false;
  #now = start;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || milliseconds <= 0) return Promise.resolve();
    if (this.auto) {
      this.advance(milliseconds);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const sleeper = { until: this.#now + milliseconds, wake: end };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', end);
    });
  }

  /** Acts once it has come so far. */
  readonly after: After = (milliseconds, act) => {
    const sleeper = {
      until: this.#now + milliseconds,
      wake: () => {
        this.#sleepers.delete(sleeper);
        act();
      },
    };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  };

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of [...this.#sleepers].filter(({ until }) => until <= this.#now)) sleeper.wake();
  }

  /** Moves second by second, and lets everything happen that each of them wakes. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 1000) {
      await quiet();
      this.advance(Math.min(left, 1000));
    }
    await quiet();
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const storeDown = new Failure('store-unavailable', 'The disk is full.');
/** The store may have written it. */
export const storeSilent = new Failure('store-unavailable', 'The disk says nothing.', { isUnsure: true });

/** Keeps operations in memory, takes a moment to do so, fails as it is told, and lets a test wait for an event. */
export class SpecJournal extends MemoryJournal {
  /** All that was written, in order, each once. */
  readonly events: OperationEvent[] = [];
  /** Refuses to write the events it says yes to. */
  broken: (event: OperationEvent) => boolean = () => false;
  /** Does not write these, and says nothing. */
  silent: (event: OperationEvent) => boolean = () => false;
  /** Writes these, and then does not say so. */
  forgetful: (event: OperationEvent) => boolean = () => false;
  /** Nothing can be read or written. */
  isDown = false;
  /** What everything waits for: null for no more than a moment. */
  hold: Promise<void> | null = null;
  readonly renewals: Lease[] = [];
  readonly entries: Entry[] = [];
  readonly #waiting = new Set<{ readonly is: (event: OperationEvent) => boolean; readonly resolve: () => void }>();

  override async open(first: Prepared, terms: Terms, lease: Lease): Promise<OpenResult> {
    await this.#moment();
    if (this.broken(first)) throw storeDown;
    if (this.silent(first)) throw storeSilent;
    const opened = await super.open(first, terms, lease);
    if (opened.is === 'opened') this.#see([first]);
    if (this.forgetful(first)) throw storeSilent;
    return opened;
  }

  override async append(operation: string, owner: string, entry: Entry): Promise<CancelRequest | undefined> {
    // Writing takes a moment, so that code that does not wait for it fails.
    await this.#moment();
    if (entry.events.some(this.broken)) throw storeDown;
    const before = (await super.read(operation))?.events.length ?? 0;
    const cancel = await super.append(operation, owner, entry);
    this.entries.push(entry);
    this.#see((await super.read(operation))?.events.slice(before) ?? []);
    if (entry.events.some(this.forgetful)) throw storeDown;
    return cancel;
  }

  override async read(operation: string): Promise<StoredOperation | undefined> {
    await this.#moment();
    return super.read(operation);
  }

  override async held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    await this.#moment();
    return super.held(scope, name, now);
  }

  override async spent(target: string, now: number): Promise<number> {
    await this.#moment();
    return super.spent(target, now);
  }

  override async renew(lease: Lease): Promise<void> {
    await this.#moment();
    this.renewals.push(lease);
    return super.renew(lease);
  }

  override async adopt(lease: Lease, limit: number): Promise<readonly string[]> {
    await this.#moment();
    return super.adopt(lease, limit);
  }

  get kinds(): readonly string[] {
    return this.events.map((event) => event.is);
  }

  seen(is: (event: OperationEvent) => boolean): Promise<void> {
    if (this.events.some(is)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ is, resolve }));
  }

  async #moment(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.hold) await this.hold;
    if (this.isDown) throw storeDown;
  }

  #see(events: readonly OperationEvent[]): void {
    this.events.push(...events);
    for (const waiter of this.#waiting) if (events.some(waiter.is)) waiter.resolve();
  }
}
