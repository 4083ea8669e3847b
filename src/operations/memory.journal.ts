import type { OperationEvent } from '../core/event.js';
import { fold } from '../core/fold.js';
import type { Journal, OperationQuery } from '../core/journal.js';
import type { Operation } from '../core/operation.js';

/** How many ended operations are kept. */
const kept = 10_000;

/** Keeps operations in memory: the newest, and all that run. They are gone with the process. */
export class MemoryJournal implements Journal {
  readonly #running = new Map<string, OperationEvent[]>();
  readonly #ended = new Map<string, Operation>();
  readonly #kept: number;

  constructor(most = kept) {
    this.#kept = most;
  }

  append(operation: string, event: OperationEvent): Promise<void> {
    const events = event.is === 'prepared' ? [] : this.#running.get(operation);
    // What comes after the end changes nothing: the record was given up, and told so.
    if (!events) return Promise.resolve();
    events.push(event);
    this.#running.set(operation, events);
    if (event.is === 'closed') this.#close(operation, events);
    return Promise.resolve();
  }

  read(operation: string): Promise<Operation | undefined> {
    const events = this.#running.get(operation);
    return Promise.resolve(events ? fold(events) : this.#ended.get(operation));
  }

  *list({ target, kind, state, requestedBy }: OperationQuery): Iterable<Operation> {
    const ids = [...this.#ended.keys(), ...this.#running.keys()].toSorted().toReversed();
    for (const id of ids) {
      const events = this.#running.get(id);
      const operation = events ? fold(events) : this.#ended.get(id);
      if (!operation || operation.dryRun) continue;
      if (target !== undefined && !operation.targets.some((one) => one.target === target)) continue;
      if (kind !== undefined && operation.kind !== kind) continue;
      if (state !== undefined && operation.state !== state) continue;
      if (requestedBy !== undefined && operation.requestedBy !== requestedBy) continue;
      yield operation;
    }
  }

  #close(id: string, events: readonly OperationEvent[]): void {
    this.#running.delete(id);
    this.#ended.set(id, fold(events));
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > this.#kept && oldest !== undefined) this.#ended.delete(oldest);
  }
}
