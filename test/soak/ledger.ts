import type { JournalEntry } from '../../sandbox/frame/journal.ts';
import type { Vendors } from '../../sandbox/vendors.ts';
import { mutating } from '../safeguards-places.ts';

/** What reached the vendors, counted and then forgotten: a soak sends more than anybody keeps. */
export class Ledger {
  readonly #vendors: Vendors;
  /** How often the end of each process of TaurusDB arrived there. */
  readonly kills = new Map<string, number>();
  mutations = 0;

  constructor(vendors: Vendors) {
    this.#vendors = vendors;
  }

  take(): void {
    const { journal } = this.#vendors;
    for (const entry of journal.all()) this.#count(entry);
    journal.clear();
  }

  #count({ call, raw, answer }: JournalEntry): void {
    // After a 429 or a refused token the same call may be sent again: it was answered, and not looked at.
    if (!mutating.has(call) || answer?.status === 429 || answer?.status === 401) return;
    this.mutations += 1;
    if (call !== 'delete-processes') return;
    for (const [id] of raw.body.toString().matchAll(/\d+/g)) this.kills.set(id, (this.kills.get(id) ?? 0) + 1);
  }
}
