import { Unavailable } from './database.js';

/** How long between two looks whether a server is back. */
const probeMs = 250;

/** Remembers that a server cannot be used, so that nobody waits for it, and looks whether it is back. */
export class Outage {
  readonly #probe: () => Promise<void>;
  #cause: unknown;
  #isOn = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(probe: () => Promise<void>) {
    this.#probe = probe;
  }

  throwIfOn(): void {
    if (this.#closed) throw new Unavailable('The store is closed.', { isUnsure: false });
    if (!this.#isOn) return;
    throw new Unavailable('PostgreSQL cannot be reached.', { cause: this.#cause, isUnsure: false });
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
  async tryNow(): Promise<void> {
    try {
      await this.#probe();
      this.#isOn = false;
      this.#cause = undefined;
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
    this.#timer = setTimeout(() => void this.tryNow(), probeMs);
    // Nothing but this would keep the process alive.
    this.#timer.unref();
  }
}
