/** How often the event loop is asked how late it is, and over how long that is averaged. */
const everyMs = 20;
const windowMs = 500;

/**
 * How late the event loop is: the lesser of the averages of the last two half seconds, so that one pause, however long,
 * is no overload. Node's own histogram is not used, because it forgets a sample whenever it begins anew, and a loop
 * that is very late has no other.
 */
export class LoopDelay {
  readonly #tell: (milliseconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #began = 0;
  #sum = 0;
  #count = 0;
  #before = 0;

  /** Told twice a second. */
  constructor(tell: (milliseconds: number) => void) {
    this.#tell = tell;
  }

  start(): void {
    this.#last = performance.now();
    this.#began = this.#last;
    this.#timer = setInterval(() => {
      this.tick(performance.now());
    }, everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** It is this late: it should have been so many milliseconds after the last time. */
  tick(now: number): void {
    this.#sum += Math.max(0, now - this.#last - everyMs);
    this.#count += 1;
    this.#last = now;
    if (now - this.#began < windowMs) return;
    const mean = this.#sum / this.#count;
    this.#tell(Math.min(mean, this.#before));
    this.#before = mean;
    this.#began = now;
    this.#sum = 0;
    this.#count = 0;
  }
}
