import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../core/model/clock.js';
import { judgeKeyPair, type KeyPair, type KeyPairError } from '../config/key-pair.js';
import type { TlsConfig } from '../config/server.config.js';
import { Watch } from './watch.js';

/** Told what became of changed files. */
export interface KeyPairWatcher {
  /** The files hold another certificate or key, which is used for new connections from now on. */
  changed(pair: KeyPair): void;
  /** The files cannot be used: the certificate before is. Told once for the same errors. */
  rejected(errors: readonly KeyPairError[]): void;
  /** The files hold again what is used. */
  restored(): void;
}

/** Keeps the certificate of the server as its files say. */
export class LiveKeyPair {
  readonly #files: TlsConfig;
  readonly #watcher: KeyPairWatcher;
  readonly #watches: readonly Watch[];
  #used: KeyPair;
  #rejected: string | null = null;

  constructor(files: TlsConfig, used: KeyPair, clock: Clock, watcher: KeyPairWatcher) {
    this.#files = files;
    this.#used = used;
    this.#watcher = watcher;
    const folders = new Map([files.cert, files.key].map((file) => [dirname(file), file]));
    this.#watches = [...folders.values()].map((file) => new Watch(file, clock, () => this.#look()));
  }

  /** Looks at once, since the files may have changed since they were read, and whenever they change. */
  start(): void {
    for (const watch of this.#watches) {
      watch.start();
      watch.wake();
    }
  }

  /** Reads the files again soon. */
  reload(): void {
    for (const watch of this.#watches) watch.wake();
  }

  /** Resolves once no file is being read. */
  async stop(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.stop()));
  }

  async #look(): Promise<void> {
    const [cert, key] = await Promise.all([textOf(this.#files.cert), textOf(this.#files.key)]);
    if (cert === null || key === null) {
      const members = [...(cert === null ? ['cert' as const] : []), ...(key === null ? ['key' as const] : [])];
      this.#reject(members.map((member) => ({ member, message: 'names a file that cannot be read' })));
      return;
    }
    const pair = { cert, key };
    const isUsed = cert === this.#used.cert && key === this.#used.key;
    const errors = isUsed ? [] : judgeKeyPair(pair);
    if (errors.length > 0) {
      this.#reject(errors);
      return;
    }
    const wasRejected = this.#rejected !== null;
    this.#rejected = null;
    this.#used = pair;
    if (!isUsed) this.#watcher.changed(pair);
    else if (wasRejected) this.#watcher.restored();
  }

  #reject(errors: readonly KeyPairError[]): void {
    const told = JSON.stringify(errors);
    if (this.#rejected === told) return;
    this.#rejected = told;
    this.#watcher.rejected(errors);
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}
