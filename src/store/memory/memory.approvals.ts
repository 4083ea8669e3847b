import type { Decision, WaitingOperation } from '../../core/record/approvals.js';
import type { Approvals, Lease, OpenResult, Terms } from '../../core/record/journal.js';
import type { Operation } from '../../core/model/operation.js';
import type { KeptOperation } from './kept-operation.js';
import type { MemoryOutbox } from './memory.outbox.js';
import type { Over } from './over.js';

/** What of the journal approvals need. */
interface Hold {
  /** Takes what an operation claims and spends: all of it, or nothing, and then why. */
  readonly take: (id: string, terms: Terms, at: number) => OpenResult | undefined;
  /** What is over. */
  readonly over: () => Over;
  readonly outbox: MemoryOutbox;
}

/** What waits for an approval, in memory. */
export class MemoryApprovals implements Approvals {
  readonly #operations: ReadonlyMap<string, KeptOperation>;
  readonly #hold: Hold;

  constructor(operations: ReadonlyMap<string, KeptOperation>, hold: Hold) {
    this.#operations = operations;
    this.#hold = hold;
  }

  approve({ operation, events, notices }: Decision, terms: Terms, lease: Lease): Promise<OpenResult | undefined> {
    const own = this.#operations.get(operation);
    const until = own?.awaitsUntil ?? 0;
    if (!own || until <= lease.now) return Promise.resolve(undefined);
    const refusal = this.#hold.take(operation, terms, lease.now);
    if (refusal) return Promise.resolve(refusal);
    this.#hold.over().delete(operation);
    own.reopen(lease, events, terms.claims);
    this.#hold.outbox.keep(notices);
    return Promise.resolve({ is: 'opened' });
  }

  close({ operation, events, isDue, notices }: Decision, record: Operation): Promise<boolean> {
    const own = this.#operations.get(operation);
    const until = own?.awaitsUntil ?? null;
    const at = events.at(-1)?.at ?? 0;
    if (!own || until === null || until <= at !== isDue) return Promise.resolve(false);
    own.closeUnapproved(events, record);
    this.#hold.outbox.keep(notices);
    return Promise.resolve(true);
  }

  waiting(now: number): Promise<readonly WaitingOperation[]> {
    const all = [...this.#operations].flatMap(([id, { awaitsUntil, createdAt }]) =>
      awaitsUntil === null ? [] : [{ id, createdAt, isDue: awaitsUntil <= now }],
    );
    return Promise.resolve(all);
  }
}
