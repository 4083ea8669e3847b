import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { Secret, secretText } from '../../transport/secret.js';
import { SecretReference } from '../../transport/secret.config.js';
import type { ConfigError } from './errors.js';

/** Where secrets come from. */
export interface SecretSource {
  readonly environment: NodeJS.ProcessEnv;
  /** True: none is read, and none is missed. Only for a check. */
  readonly withoutSecrets?: boolean;
  /** Reads a file, or throws. */
  readonly read?: (file: string) => string | null;
}

/** Reads every secret that a configuration refers to. A missing or empty one is an error. */
export function resolveSecrets(value: unknown, path: string, source: SecretSource): readonly ConfigError[] {
  if (value instanceof SecretReference) return resolve(value, path, source);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    resolveSecrets(member, path === '' ? key : `${path}.${key}`, source),
  );
}

function resolve(
  reference: SecretReference,
  path: string,
  { environment, withoutSecrets = false, read = (path) => secretText(readFileSync(path)) }: SecretSource,
): readonly ConfigError[] {
  const { env, file } = reference;
  if (env !== undefined && file !== undefined) return [{ path, message: 'must name env or file, not both' }];
  if (withoutSecrets) {
    reference.resolve(new Secret('a secret that was not read'));
    return [];
  }
  if (env !== undefined) {
    const text = environment[env] ?? '';
    if (text === '')
      return [{ path: `${path}.env`, message: 'names an environment variable that is missing or empty' }];
    reference.resolve(new Secret(text));
    return [];
  }
  if (file === undefined) return [];
  try {
    const text = read(file)?.trim() ?? null;
    if (text === null) {
      return [{ path: `${path}.file`, message: `names a file that is not plain text in UTF-8${quotePath(file)}` }];
    }
    if (text === '') return [{ path: `${path}.file`, message: `names a file that is empty${quotePath(file)}` }];
    reference.resolve(new Secret(text));
    return [];
  } catch {
    return [{ path: `${path}.file`, message: `names a file that cannot be read${quotePath(file)}` }];
  }
}

/** What is written for a path may be the secret itself: it is quoted only if the folder that it names is there. */
export function quotePath(file: string): string {
  return isAbsolute(file) && dirname(file) !== '/' && existsSync(dirname(file)) ? `: ${file}` : '';
}
