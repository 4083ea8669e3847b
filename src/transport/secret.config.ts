import { IsNotEmpty, IsString, ValidateIf } from 'class-validator';
import type { Secret } from '../core/secret.js';

/** Where a secret is: exactly one of an environment variable and a file. The secret itself never stands in configuration. */
export class SecretReference {
  /** The name of an environment variable. */
  @ValidateIf((reference: SecretReference) => reference.env !== undefined || reference.file === undefined)
  @IsString()
  @IsNotEmpty()
  env?: string;

  /** The path of a file; white space around its content is dropped. */
  @ValidateIf((reference: SecretReference) => reference.file !== undefined || reference.env === undefined)
  @IsString()
  @IsNotEmpty()
  file?: string;

  /** The secret, as read when the configuration was loaded. */
  #secret?: Secret;

  /** Called once, by whoever loads the configuration. */
  resolve(secret: Secret): void {
    this.#secret = secret;
  }

  get secret(): Secret {
    if (!this.#secret) throw new TypeError('A secret was used before its configuration was loaded.');
    return this.#secret;
  }
}
