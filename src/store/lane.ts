import { LeaseLost, type Entry } from '../core/journal.js';
import { Unavailable, type Database } from './database.js';
import { storable } from './statement.js';
import { appendSteps } from './steps.js';
import { joined, textOf } from './text.js';
import type { Words } from './words.js';

/** What was sent to be written, as text, where nobody can say whether it was. */
interface Doubt {
  readonly seq: number;
  readonly entries: readonly string[];
}

interface Waiting {
  readonly owner: string;
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** How often a place in the order may turn out to be taken, before we give up. */
const attempts = 3;

/**
 * The one line in which the entries of an operation are written. What comes while another is being written is written
 * together afterwards: in order, and with fewer transactions.
 */
export class Lane {
  readonly #operation: string;
  readonly #database: Database;
  readonly #words: Words;
  #waiting: Waiting[] = [];
  #isBusy = false;
  /** Where the next entry goes; undefined where that must be asked. */
  #next: number | undefined;
  #doubts: readonly Doubt[] = [];
  /** What was written although we gave it up: whoever sends it again has it. */
  readonly #written = new Set<string>();

  constructor(operation: string, database: Database, words: Words, next?: number) {
    this.#operation = operation;
    this.#database = database;
    this.#words = words;
    this.#next = next;
  }

  append(owner: string, entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ owner, entry, resolve, reject });
      if (!this.#isBusy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      const { owner } = first;
      const other = this.#waiting.findIndex((one) => one.owner !== owner);
      const together = this.#waiting.splice(0, other < 0 ? this.#waiting.length : other);
      try {
        await this.#write(
          owner,
          together.map(({ entry }) => entry),
        );
        for (const { resolve } of together) resolve();
      } catch (thrown) {
        for (const { reject } of together) reject(thrown);
      }
    }
    this.#isBusy = false;
  }

  async #write(owner: string, entries: readonly Entry[]): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const seq = this.#next ?? (await this.#findNext());
      const missing = this.#written.size === 0 ? entries : entries.filter((entry) => !this.#wasWritten(entry));
      const steps = appendSteps(this.#words, { operation: this.#operation, owner, seq }, missing);
      if (steps.length === 0) return;
      const doubt = { seq, entries: missing.map(textOf) };
      try {
        const written = await this.#database.write(steps);
        if (written.is === 'refused') throw new LeaseLost(this.#operation);
        if (written.is === 'written') {
          if (missing.some(({ events }) => events.length > 0)) this.#next = seq + 1;
          return;
        }
      } catch (thrown) {
        if (thrown instanceof Unavailable && thrown.isUnsure) this.#addDoubt(doubt);
        throw thrown;
      }
      // The place is taken: perhaps by what we sent ourselves, and gave up too early.
      this.#addDoubt(doubt);
    }
    throw new Unavailable('The place of an event could not be found.', { isUnsure: true });
  }

  #addDoubt(doubt: Doubt): void {
    this.#next = undefined;
    const text = joined(doubt.entries);
    if (this.#doubts.some((one) => one.seq === doubt.seq && joined(one.entries) === text)) return;
    this.#doubts = [...this.#doubts, doubt];
  }

  /** Finds the next place, and whether what is in doubt was written. */
  async #findNext(): Promise<number> {
    const [last] = await this.#database.read(this.#words.reads.last({ id: storable(this.#operation) }));
    const seq = last ? Number(last['seq']) : -1;
    for (const doubt of this.#doubts) {
      if (doubt.seq !== seq || last?.['body'] !== joined(doubt.entries)) continue;
      for (const text of doubt.entries) this.#written.add(text);
    }
    // What is in doubt for a place that is still free may yet be written.
    this.#doubts = this.#doubts.filter((doubt) => doubt.seq > seq);
    this.#next = seq + 1;
    return this.#next;
  }

  /** It was given up by us, written nevertheless, and is now sent again. */
  #wasWritten(entry: Entry): boolean {
    return entry.events.length > 0 && this.#written.delete(textOf(entry));
  }
}
