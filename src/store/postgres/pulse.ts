/** After how long without any answer a server is asked whether it is there. */
const quietMs = 25;
/** It has 150 ms to say so, in steps: on a machine that is short of time they take longer, for the server as for us. */
const steps = 15;
const stepMs = 10;

/**
 * Tells a server that is gone silent from one that is merely busy, while somebody waits for it: a busy one is slow with what
 * it was given, and says at once that it is there.
 */
export class Pulse {
  readonly #beat: () => Promise<unknown>;
  readonly #onSilence: (cause: unknown) => void;
  #waiting = 0;
  #wasHeard = false;
  #isBeating = false;
  #timer: NodeJS.Timeout | undefined;

  /** The beat asks the server something that costs it nothing. */
  constructor(beat: () => Promise<unknown>, onSilence: (cause: unknown) => void) {
    this.#beat = beat;
    this.#onSilence = onSilence;
  }

  /** Somebody waits for the server from now on. */
  begin(): void {
    this.#waiting += 1;
    this.#wait();
  }

  /** Somebody waits no longer; whether the server has said anything. */
  end(wasHeard: boolean): void {
    this.#waiting -= 1;
    if (wasHeard) this.#wasHeard = true;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#isBeating || this.#timer !== undefined || this.#waiting === 0) return;
    this.#wasHeard = false;
    this.#timer = setTimeout(() => void this.#look(), quietMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#isBeating = true;
    this.#timer = undefined;
    try {
      if (this.#waiting > 0 && !this.#wasHeard) await soon(this.#beat());
    } catch (thrown) {
      this.#onSilence(thrown);
    } finally {
      this.#isBeating = false;
      this.#wait();
    }
  }
}

/** Rejects if a server that is there would have answered by now. An answer that this process was too busy to read counts. */
export function soon<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let left = steps;
    const step = (): void => {
      left -= 1;
      if (left > 0) timer = setTimeout(step, stepMs);
      else setImmediate(reject, new Error('PostgreSQL says nothing.'));
    };
    let timer = setTimeout(step, stepMs);
    answer.then(resolve, reject).finally(() => {
      left = 0;
      clearTimeout(timer);
    });
  });
}
