import type { Arrived, Clock, Reply } from '../exchange.ts';
import { maskedQuery, maskedText } from './masking.ts';

/**
 * `pending` until the exchange is over; `cut` by a fault; `abandoned` when the client closed before the whole answer.
 */
export type Ending = 'pending' | 'answered' | 'cut' | 'abandoned';

/** One request that arrived, and what became of it. All but `raw` is masked; JSON of it never holds a secret. */
export class JournalEntry {
  readonly number: number;
  readonly at: number;
  readonly vendor: string;
  readonly call: string;
  /** Counts connections over all vendors: two entries with one number came over the same socket. */
  readonly connection: number;
  /** The request as it came, secrets included: for tests in this process. */
  readonly raw: Arrived;
  /** The kinds of the faults that were applied. */
  faults: readonly string[] = [];
  /** Whether the emulator executed it, whatever was answered. */
  executed = false;
  ending: Ending = 'pending';
  #answer: Reply | null = null;

  constructor(number: number, at: number, vendor: string, call: string, connection: number, raw: Arrived) {
    this.number = number;
    this.at = at;
    this.vendor = vendor;
    this.call = call;
    this.connection = connection;
    this.raw = raw;
  }

  get method(): string {
    return this.raw.method;
  }

  /** Path and query, masked. */
  get target(): string {
    return this.raw.query === '' ? this.raw.path : `${this.raw.path}?${maskedQuery(this.raw.query)}`;
  }

  get body(): string {
    return maskedText(this.raw.body.toString('utf8'));
  }

  /** What was answered, or would have been without a cut; null while nothing is. */
  get answer(): { readonly status: number; readonly body: string } | null {
    return this.#answer && { status: this.#answer.status, body: maskedText(this.#answer.body) };
  }

  answered(reply: Reply): void {
    this.#answer = reply;
  }

  toJSON(): object {
    const { number, vendor, call, method, target, body, connection, faults, executed, ending, answer } = this;
    const at = new Date(this.at).toISOString();
    return { number, at, vendor, call, method, target, body, connection, faults, executed, ending, answer };
  }
}

interface Waiting {
  readonly ready: () => boolean;
  readonly resolve: () => void;
}

const kept = 10_000;

/** The ledger of all requests that reached the emulators, in order of arrival; the oldest go beyond 10,000. */
export class Journal {
  readonly #clock: Clock;
  #entries: JournalEntry[] = [];
  #waiting: Waiting[] = [];
  #numbered = 0;
  #connections = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  all(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The requests of one call, of one vendor if that is told too. */
  of(call: string, vendor?: string): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.call === call && (vendor === undefined || entry.vendor === vendor));
  }

  clear(): void {
    this.#entries = [];
  }

  /** Resolves with the `count`th request of a call since the last `clear`, as soon as it has arrived. */
  async arrival(call: string, count = 1): Promise<JournalEntry> {
    await this.#until(() => this.of(call).length >= count);
    return this.of(call)[count - 1] as JournalEntry;
  }

  /** Resolves once the exchange is over, one way or another. */
  async ended(entry: JournalEntry): Promise<void> {
    await this.#until(() => entry.ending !== 'pending');
  }

  /** Resolves once the emulator has executed it, also if its client has gone. */
  async executed(entry: JournalEntry): Promise<void> {
    await this.#until(() => entry.executed);
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  open(vendor: string, call: string, connection: number, raw: Arrived): JournalEntry {
    const entry = new JournalEntry(++this.#numbered, this.#clock(), vendor, call, connection, raw);
    this.#entries.push(entry);
    if (this.#entries.length > kept) this.#entries.shift();
    this.#wake();
    return entry;
  }

  execute(entry: JournalEntry): void {
    entry.executed = true;
    this.#wake();
  }

  end(entry: JournalEntry, ending: Ending): void {
    entry.ending = ending;
    this.#wake();
  }

  async #until(ready: () => boolean): Promise<void> {
    if (ready()) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ ready, resolve });
    });
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter((waiting) => waiting.ready());
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const waiting of due) waiting.resolve();
  }
}
