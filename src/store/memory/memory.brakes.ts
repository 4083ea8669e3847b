import type { Freeze } from '../../core/model/freeze.js';
import type { Brakes, CancelAnswer, CancelRequest } from '../../core/record/brakes.js';
import type { KeptOperation } from './kept-operation.js';

/** Cancel requests and freezes, in memory. */
export class MemoryBrakes implements Brakes {
  readonly #operations: ReadonlyMap<string, KeptOperation>;
  readonly #freezes = new Map<string, Freeze>();

  constructor(operations: ReadonlyMap<string, KeptOperation>) {
    this.#operations = operations;
  }

  requestCancel(operation: string, request: CancelRequest): Promise<CancelAnswer> {
    const own = this.#operations.get(operation);
    if (!own) return Promise.resolve({ is: 'absent' });
    if (own.isClosed) return Promise.resolve({ is: 'over' });
    own.cancel ??= request;
    return Promise.resolve({ is: 'requested', request: own.cancel });
  }

  cancelRequests(owner: string): Promise<ReadonlyMap<string, CancelRequest>> {
    const asked = [...this.#operations].flatMap(([id, { lease, cancel }]) =>
      lease?.owner === owner && cancel ? [[id, cancel] as const] : [],
    );
    return Promise.resolve(new Map(asked));
  }

  freeze(freeze: Freeze): Promise<boolean> {
    const held = this.#freezes.get(freeze.id);
    if (held && held.until > freeze.createdAt) return Promise.resolve(false);
    this.#freezes.set(freeze.id, freeze);
    return Promise.resolve(true);
  }

  unfreeze(id: string, now: number): Promise<boolean> {
    const held = this.#freezes.get(id);
    this.#freezes.delete(id);
    return Promise.resolve(held !== undefined && held.until > now);
  }

  freezes(now: number): Promise<readonly Freeze[]> {
    this.prune(now);
    return Promise.resolve([...this.#freezes.values()]);
  }

  /** Forgets those that have ended. */
  prune(now: number): void {
    for (const [id, { until }] of this.#freezes) if (until <= now) this.#freezes.delete(id);
  }
}
