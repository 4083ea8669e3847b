import { readFile } from 'node:fs/promises';
import { systemClock, type Clock } from '../../core/model/clock.js';
import { InvalidConfiguration } from '../config/errors.js';
import type { Backend } from '../../backends/backend.js';
import { decodeText, readText, unreadable } from '../config/file.js';
import { checkConfiguration, type Configuration } from '../config/load.js';
import { ReadAhead } from './read-ahead.js';
import { Watch } from './watch.js';

/** Where a configuration came from, and how it is checked when it comes again. */
export interface Source {
  readonly file: string;
  /** As it was read first. */
  readonly text: string;
  readonly configuration: Configuration;
  /** Throws InvalidConfiguration with every error. What listens already is told along. */
  readonly check: (text: string, listening: Configuration['server']) => Promise<Configuration>;
}

/** Reads and checks a configuration file that is to be read again. Throws InvalidConfiguration. */
export function openSource(
  file: string,
  backends: readonly Backend[],
  environment: NodeJS.ProcessEnv,
  { withoutSecrets = false }: { readonly withoutSecrets?: boolean } = {},
): Source {
  const text = readText(file);
  const secrets = { environment, withoutSecrets };
  const ahead = new ReadAhead(systemClock);
  return {
    file,
    text,
    configuration: checkConfiguration(file, text, backends, secrets),
    check: async (changed, listening) => {
      const read = await ahead.read(file, changed);
      return checkConfiguration(file, changed, backends, { ...secrets, read }, listening);
    },
  };
}

/** A changed file that is used. */
export interface Used {
  readonly configuration: Configuration;
  readonly text: string;
  /** Members that are other in the file, and take effect at the next start: what stands there. */
  readonly needRestart: ReadonlyMap<string, unknown>;
}

/** Who is told what became of a changed file. */
export interface ReloadWatcher {
  reloaded(used: Used): void;
  rejected(error: InvalidConfiguration): void;
  /** The file is again as it is used. */
  restored(): void;
}

/**
 * Keeps what is used as the file says. What has changed is checked whole and used at once; a file with an error is
 * told, and everything stays as it is.
 */
export class Reload {
  readonly #source: Source;
  readonly #use: (configuration: Configuration) => void;
  readonly #watcher: ReloadWatcher;
  readonly #watch: Watch;
  #configuration: Configuration;
  /** The file as it is used. */
  #used: string;
  /** The file that is not used, and why, as it was told. */
  #rejected: string | null = null;
  #isForced = false;
  #looking = Promise.resolve();

  constructor(source: Source, clock: Clock, use: (configuration: Configuration) => void, watcher: ReloadWatcher) {
    this.#source = source;
    this.#configuration = source.configuration;
    this.#used = source.text;
    this.#use = use;
    this.#watcher = watcher;
    this.#watch = new Watch(source.file, clock, () => this.look());
  }

  start(): void {
    this.#watch.start();
    // The file may have changed since it was read.
    this.#watch.wake();
  }

  /** Uses the file afresh, with all that it refers to, even if it is as before. */
  force(): void {
    this.#isForced = true;
    this.#watch.wake();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Looks now, after the look that is under way. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    const isForced = this.#isForced;
    this.#isForced = false;
    let text = '';
    try {
      text = await this.#read();
      if (text === this.#used && !isForced) this.#restore();
      else await this.#take(text);
    } catch (thrown) {
      if (isForced) this.#rejected = null;
      this.#reject(thrown, text);
    }
  }

  async #read(): Promise<string> {
    const { file } = this.#source;
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch (thrown) {
      throw unreadable(file, thrown);
    }
    return decodeText(file, bytes);
  }

  /** A file that was rejected is tried again each time: what it refers to may be valid by now. */
  async #take(text: string): Promise<void> {
    const next = await this.#source.check(text, this.#configuration.server);
    this.#use(next);
    this.#used = text;
    this.#rejected = null;
    const needRestart = membersThatDiffer(this.#configuration, next);
    // Where it listens and what it keeps its records in stays what it is.
    const { server, store } = this.#configuration;
    this.#configuration = { ...next, server, store };
    this.#watcher.reloaded({ configuration: next, text, needRestart });
  }

  #restore(): void {
    if (this.#rejected === null) return;
    this.#rejected = null;
    this.#watcher.restored();
  }

  /** What is wrong is told once, until the file or what is wrong with it is another. */
  #reject(thrown: unknown, text: string): void {
    const { file } = this.#source;
    const error =
      thrown instanceof InvalidConfiguration
        ? thrown
        : new InvalidConfiguration(file, [{ path: '', message: 'could not be taken' }]);
    const told = `${error.message}\n${text}`;
    if (this.#rejected === told) return;
    this.#rejected = told;
    this.#watcher.rejected(error);
  }
}

/** `server.port`, `store.sqlite`: what another start would take from the file, and this one does not. */
function membersThatDiffer(before: Configuration, after: Configuration): ReadonlyMap<string, unknown> {
  const differing = (['server', 'store'] as const).flatMap((section) => {
    const [old, young] = [membersOf(before[section]), membersOf(after[section])];
    return [...new Set([...old.keys(), ...young.keys()])]
      .filter((member) => JSON.stringify(old.get(member)) !== JSON.stringify(young.get(member)))
      .map((member) => [`${section}.${member}`, young.get(member)] as const);
  });
  return new Map(differing);
}

function membersOf(section: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(section));
}
