import type { StoreTrouble } from '../../core/record/store-trouble.js';
import { Unavailable } from '../database.js';
import { troubleOf } from './trouble.js';

const starting: StoreTrouble = { engine: 'PostgreSQL', reason: 'starting', code: null };

/** How long between two looks whether a server is back. */
const lookMs = 250;

/** Remembers that a server cannot be used, so that nobody waits for it, and looks whether it is back. */
export class Outage {
  readonly #look: () => Promise<void>;
  #cause: unknown = null;
  /** Until the first look has shown that it can be used. */
  #isOn = true;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  throwIfOn(): void {
    const cause = this.#cause;
    if (this.#closed) throw new Unavailable({ ...starting, reason: 'closed' }, { isUnsure: false });
    if (this.#isOn) throw new Unavailable(cause === null ? starting : troubleOf(cause), { cause, isUnsure: false });
  }

  /** False if it was known already. */
  begin(cause: unknown): boolean {
    if (this.#isOn || this.#closed) return false;
    this.#isOn = true;
    this.#cause = cause;
    this.#wait();
    return true;
  }

  /** Looks once, and begins an outage if the server cannot be used. */
  async lookNow(): Promise<void> {
    try {
      await this.#look();
      this.#isOn = false;
      this.#cause = null;
    } catch (thrown) {
      this.#isOn = true;
      this.#cause = thrown;
      this.#wait();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.lookNow(), lookMs);
    // Nothing but this would keep the process alive.
    this.#timer.unref();
  }
}
