import type { Clock } from '../../core/model/clock.js';
import { Slot } from '../../core/model/slot.js';
import { rereadSecrets, SecretReference, type Reread } from '../../transport/secret.config.js';

/** By then a changed secret is used, also where no vendor has refused the old one. */
const everyMs = 60_000;

/** Something whose configuration refers to secrets: they change together. */
export interface SecretHolder {
  readonly config: object;
}

/** Told of a file that holds another secret, or none that could be used. */
export type SecretTold = (file: string, reread: Reread) => void;

/** Reads the secrets of open connections and receivers again, where they stand in files. */
export class SecretFiles {
  readonly #clock: Clock;
  readonly #holders: () => Iterable<SecretHolder>;
  readonly #tell: SecretTold;
  readonly #stopped = new AbortController();
  readonly #references = new Slot<readonly SecretReference[]>();

  constructor(clock: Clock, holders: () => Iterable<SecretHolder>, tell: SecretTold) {
    this.#clock = clock;
    this.#holders = holders;
    this.#tell = tell;
  }

  start(): void {
    void this.#repeat();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Those of one holder change together. */
  async look(): Promise<void> {
    for (const holder of this.#holders()) await rereadSecrets(this.#referencesOf(holder));
  }

  async #repeat(): Promise<void> {
    for (const holder of this.#holders()) this.#referencesOf(holder);
    for (;;) {
      await this.#clock.sleep(everyMs, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      await this.look();
    }
  }

  #referencesOf(holder: SecretHolder): readonly SecretReference[] {
    const known = this.#references.get(holder);
    if (known) return known;
    const found = referencesIn(holder.config).filter(({ file }) => file !== undefined);
    for (const reference of found) this.#watch(reference);
    this.#references.set(holder, found);
    return found;
  }

  /** A file that goes on being unusable is told once. */
  #watch(reference: SecretReference): void {
    const { file = '' } = reference;
    let last: Reread | null = null;
    reference.onReread((reread) => {
      if (reread === 'changed' || reread !== last) this.#tell(file, reread);
      last = reread;
    });
  }
}

function referencesIn(value: unknown): readonly SecretReference[] {
  if (value instanceof SecretReference) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}
