import type { Retention } from '../../core/record/retention.js';
import {
  refusedKeptMs,
  type KeptRefusal,
  type RefusedCalls,
  type RefusedQuery,
} from '../../core/record/refused-calls.js';
import { fitsRefused } from '../../core/record/fits-refused.js';

const mostKept = 10_000;

/** Refused calls in memory: the newest, gone with the process. */
export class MemoryRefused implements RefusedCalls {
  readonly #kept = new Map<string, KeptRefusal>();

  keep(calls: readonly KeptRefusal[]): Promise<void> {
    for (const call of calls) this.#kept.set(call.id, call);
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(id);
    }
    return Promise.resolve();
  }

  list(query: RefusedQuery): Promise<readonly KeptRefusal[]> {
    const fitting = [...this.#kept.values()].filter((call) => fitsRefused(call, query));
    return Promise.resolve(fitting.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, query.limit));
  }

  /** Lets go what was kept for a week, or is too old for anything to be kept. */
  prune({ now, before }: Pick<Retention, 'now' | 'before'>): void {
    const oldest = Math.max(before, now - refusedKeptMs);
    for (const [id, { at }] of this.#kept) if (at < oldest) this.#kept.delete(id);
  }
}
