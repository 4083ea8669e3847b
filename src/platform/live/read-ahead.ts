import { readFile } from 'node:fs/promises';
import type { Clock } from '../../core/model/clock.js';
import { parseYaml } from '../config/file.js';

/** How long a file may take to be read. */
const readMs = 5000;

/**
 * Reads the secret files that a configuration names, before it is checked: a disk that does not answer must not hold up
 * the program. A file that is still being read is not read a second time.
 */
export class ReadAhead {
  readonly #clock: Clock;
  readonly #reading = new Map<string, Promise<string | null>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Gives what each file holds; it throws for a file that could not be read in time. */
  async read(file: string, text: string): Promise<(path: string) => string> {
    const paths = [...new Set(filesIn(valueOf(file, text)))];
    const late = new AbortController();
    const timeUp = this.#clock.sleep(readMs, late.signal).then(() => null);
    const found = new Map(
      await Promise.all(paths.map(async (path) => [path, await Promise.race([this.#open(path), timeUp])] as const)),
    );
    late.abort();
    return (path) => {
      const held = found.get(path);
      if (typeof held !== 'string') throw new TypeError('It could not be read in time.');
      return held;
    };
  }

  #open(path: string): Promise<string | null> {
    const known = this.#reading.get(path);
    if (known) return known;
    const reading = readFile(path, 'utf8')
      .catch(() => null)
      .finally(() => this.#reading.delete(path));
    this.#reading.set(path, reading);
    return reading;
  }
}

/** What is written there; what is no YAML is refused later. */
function valueOf(file: string, text: string): unknown {
  try {
    return parseYaml(file, text).value;
  } catch {
    return null;
  }
}

function filesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    name === 'file' && typeof member === 'string' ? [member] : filesIn(member),
  );
}
