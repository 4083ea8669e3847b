import { readFileSync } from 'node:fs';
import { Secret } from '../../transport/secret.js';
import { SecretReference } from '../../transport/secret.config.js';
import type { ConfigError } from './errors.js';

/** Reads every secret that a configuration refers to. A missing or empty one is an error. */
export function resolveSecrets(value: unknown, path: string, environment: NodeJS.ProcessEnv): readonly ConfigError[] {
  if (value instanceof SecretReference) return resolve(value, path, environment);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    resolveSecrets(member, path === '' ? key : `${path}.${key}`, environment),
  );
}

function resolve(reference: SecretReference, path: string, environment: NodeJS.ProcessEnv): readonly ConfigError[] {
  if (reference.env !== undefined && reference.file !== undefined) {
    return [{ path, message: 'must name env or file, not both' }];
  }
  if (reference.env !== undefined) {
    const text = environment[reference.env] ?? '';
    if (text === '')
      return [{ path: `${path}.env`, message: 'names an environment variable that is missing or empty' }];
    reference.resolve(new Secret(text));
    return [];
  }
  if (reference.file === undefined) return [];
  try {
    const text = readFileSync(reference.file, 'utf8').trim();
    if (text === '') return [{ path: `${path}.file`, message: `the file ${reference.file} is empty` }];
    reference.resolve(new Secret(text));
    return [];
  } catch {
    return [{ path: `${path}.file`, message: `the file ${reference.file} cannot be read` }];
  }
}
