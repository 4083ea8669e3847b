/** The timers of one server; closing clears them all, and what waited for them never goes on. */
export class Timers {
  #running = new Set<NodeJS.Timeout>();

  /** Resolves after so many milliseconds, at once for 0. */
  async after(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#running.delete(timer);
        resolve();
      }, milliseconds);
      this.#running.add(timer);
    });
  }

  close(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
