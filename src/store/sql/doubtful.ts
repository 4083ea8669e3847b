/** How many are remembered: the newest. The keeper has the oldest. */
const most = 1000;

/**
 * Operations that may have begun, although their callers were told that they did not: no process works on them or
 * renews them.
 */
export class Doubtful {
  readonly #ids = new Set<string>();

  get asJson(): string {
    return JSON.stringify([...this.#ids]);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > most && oldest !== undefined) this.#ids.delete(oldest);
  }

  delete(id: string): void {
    this.#ids.delete(id);
  }
}
