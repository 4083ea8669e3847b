import type { Clock } from '../../core/model/clock.js';
import { Slot } from '../../core/model/slot.js';
import { rereadSecrets, SecretReference, type Reread } from '../../transport/secret.config.js';
import type { OpenConnection } from './snapshot.js';

/** By then a changed secret is used, also where no vendor has refused the old one. */
const everyMs = 60_000;

/** Told of a file that holds another secret, or none that could be used. */
export type SecretTold = (file: string, reread: Reread) => void;

/** Reads the secrets of open connections again, where they stand in files. */
export class SecretFiles {
  readonly #clock: Clock;
  readonly #connections: () => Iterable<OpenConnection>;
  readonly #tell: SecretTold;
  readonly #stopped = new AbortController();
  readonly #references = new Slot<readonly SecretReference[]>();

  constructor(clock: Clock, connections: () => Iterable<OpenConnection>, tell: SecretTold) {
    this.#clock = clock;
    this.#connections = connections;
    this.#tell = tell;
  }

  start(): void {
    void this.#repeat();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Those of one connection change together. */
  async look(): Promise<void> {
    for (const connection of this.#connections()) await rereadSecrets(this.#referencesOf(connection));
  }

  async #repeat(): Promise<void> {
    for (const connection of this.#connections()) this.#referencesOf(connection);
    for (;;) {
      await this.#clock.sleep(everyMs, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      await this.look();
    }
  }

  #referencesOf(connection: OpenConnection): readonly SecretReference[] {
    const known = this.#references.get(connection);
    if (known) return known;
    const found = referencesIn(connection.config).filter(({ file }) => file !== undefined);
    for (const reference of found) this.#watch(reference);
    this.#references.set(connection, found);
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
