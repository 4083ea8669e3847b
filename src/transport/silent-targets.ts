/**
 * The targets of a service that got no answer since another got one. One of them may be silent alone: its instance
 * hangs, and the service is well.
 */
export class SilentTargets {
  readonly #failures: number;
  readonly #silent = new Set<string>();

  /** Of a service that is left alone after so many failures in a row. */
  constructor(failures: number) {
    this.#failures = failures;
  }

  /** Takes note of a silence. Does it tell anything of the service? Each target counts once, and none for it all. */
  tells(target: string): boolean {
    if (this.#silent.has(target)) return false;
    this.#silent.add(target);
    return this.#silent.size > 1 || this.#failures > 1;
  }

  /** Somebody got an answer. */
  clear(): void {
    this.#silent.clear();
  }
}
