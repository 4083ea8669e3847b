import { readFile } from 'node:fs/promises';
import { IsNotEmpty, IsString, ValidateIf } from 'class-validator';
import { Secret, secretText } from './secret.js';

/** What reading a file again gave: another secret, or why the one that is known has to do. */
export type Reread = 'changed' | 'unreadable' | 'empty';

/**
 * Where a secret is: exactly one of an environment variable and a file. The secret itself never stands in
 * configuration.
 */
export class SecretReference {
  /** The name of an environment variable. */
  @ValidateIf((reference: SecretReference) => reference.env !== undefined || reference.file === undefined)
  @IsString()
  @IsNotEmpty()
  env?: string;

  /**
   * The path of a file of plain text in UTF-8; white space around its content is dropped. It is read again when it
   * changes.
   */
  @ValidateIf((reference: SecretReference) => reference.file !== undefined || reference.env === undefined)
  @IsString()
  @IsNotEmpty()
  file?: string;

  /** The secret, as it was last read. */
  #secret?: Secret;
  /** What was sent a moment ago may still be quoted by the vendor. */
  #before?: Secret;
  readonly #listeners: ((reread: Reread) => void)[] = [];

  /** Called by whoever loads the configuration. */
  resolve(secret: Secret): void {
    this.#secret = secret;
  }

  get secret(): Secret {
    if (!this.#secret) throw new TypeError('A secret was used before its configuration was loaded.');
    return this.#secret;
  }

  /** The secret and the one before: to be kept out of what is quoted. */
  reveals(): readonly string[] {
    return [this.secret, ...(this.#before ? [this.#before] : [])].map((secret) => secret.reveal());
  }

  /** Calls the listener whenever the file was read again and did not hold what is known. */
  onReread(listener: (reread: Reread) => void): void {
    this.#listeners.push(listener);
  }

  /** What the file holds now; null if it cannot be used. Nothing changes by it, but whoever listens is told that. */
  async look(): Promise<Secret | null> {
    if (this.file === undefined) return this.secret;
    try {
      const text = secretText(await readFile(this.file));
      if (text) return new Secret(text);
      this.#tell(text === null ? 'unreadable' : 'empty');
    } catch {
      this.#tell('unreadable');
    }
    return null;
  }

  /** Uses what was read. Is it another secret than before? */
  take(secret: Secret): boolean {
    if (secret.reveal() === this.secret.reveal()) return false;
    this.#before = this.secret;
    this.#secret = secret;
    this.#tell('changed');
    return true;
  }

  #tell(reread: Reread): void {
    for (const listener of this.#listeners) listener(reread);
  }
}

/**
 * Reads again what stands in files: secrets that belong together change together, or not at all. A file that cannot be
 * read or is empty changes nothing. Did anything change? Never throws.
 */
export async function rereadSecrets(references: readonly SecretReference[]): Promise<boolean> {
  const found = await Promise.all(references.map(async (reference) => [reference, await reference.look()] as const));
  const usable = found.flatMap(([reference, secret]) => (secret ? [[reference, secret] as const] : []));
  if (usable.length < found.length) return false;
  return usable.map(([reference, secret]) => reference.take(secret)).includes(true);
}
