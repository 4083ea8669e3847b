import type { Clock } from '../model/clock.js';
import { Failure } from '../model/failure.js';
import type { Operation } from '../model/operation.js';
import { isOver } from '../record/is-over.js';
import type { Journal, StoredOperation } from '../record/journal.js';

/** How often an operation of another replica is asked after while its end is waited for. */
const askEveryMs = 500;

/** How often it is asked after once it is to be cancelled. */
const askCancelledEveryMs = 100;
/** A replica that says nothing for so long has lost its lease, and another one has brought the operation to its end. */
const longestSilenceMs = 30_000;

interface Poll {
  /** Resolves to the record once it has come so far or is gone; to nothing if it is not asked after any more. */
  readonly ended: Promise<Operation | undefined>;
  readonly stop: AbortController;
  waiting: number;
}

/** Operations that other replicas work on: each is asked after once every half second, however many wait for it. */
export class Elsewhere {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #polls = new Map<string, Poll>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** How the operation ended; undefined if it is gone, or the signal aborts before it ends. */
  ended(id: string, signal: AbortSignal): Promise<Operation | undefined> {
    return this.#wait(id, `ended ${id}`, ({ operation }) => operation.state !== 'running', signal);
  }

  /** The same, once nothing more is to be expected of it. */
  completed(id: string, signal: AbortSignal): Promise<Operation | undefined> {
    return this.#wait(id, `completed ${id}`, ({ events }) => isOver(events), signal);
  }

  /** How the operation stands; undefined if it is gone, or cannot be read now. */
  async now(id: string): Promise<Operation | undefined> {
    return (await this.#journal.read(id).catch(() => undefined))?.operation;
  }

  async #wait(
    id: string,
    name: string,
    isSoFar: (kept: StoredOperation) => boolean,
    signal: AbortSignal,
  ): Promise<Operation | undefined> {
    const poll = this.#polls.get(name) ?? this.#begin(id, name, isSoFar);
    poll.waiting += 1;
    try {
      return await Promise.race([poll.ended, aborted(signal)]);
    } finally {
      poll.waiting -= 1;
      if (poll.waiting === 0) poll.stop.abort();
    }
  }

  /**
   * How the operation stands once its replica has heard that it is cancelled, or it has ended. Throws Failure if none
   * tells so.
   */
  async cancelled(id: string): Promise<Operation | undefined> {
    const until = this.#clock.now() + longestSilenceMs;
    while (this.#clock.now() < until) {
      const operation = (await this.#journal.read(id))?.operation;
      if (operation?.state !== 'running' || operation.cancelled) return operation;
      await this.#clock.sleep(askCancelledEveryMs);
    }
    throw new Failure('store-unavailable', `It is not confirmed yet that ${id} is cancelled: ask again.`);
  }

  #begin(id: string, name: string, isSoFar: (kept: StoredOperation) => boolean): Poll {
    const stop = new AbortController();
    const poll = { ended: this.#poll(id, isSoFar, stop.signal), stop, waiting: 0 };
    this.#polls.set(name, poll);
    stop.signal.addEventListener('abort', () => {
      if (this.#polls.get(name) === poll) this.#polls.delete(name);
    });
    return poll;
  }

  async #poll(
    id: string,
    isSoFar: (kept: StoredOperation) => boolean,
    signal: AbortSignal,
  ): Promise<Operation | undefined> {
    for (;;) {
      await this.#clock.sleep(askEveryMs, signal);
      if (signal.aborted) return undefined;
      // A store that cannot be read now may be at the next try.
      const kept = await this.#journal.read(id).catch(() => null);
      if (kept === undefined) return undefined;
      if (kept !== null && isSoFar(kept)) return kept.operation;
    }
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
