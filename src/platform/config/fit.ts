import { SecretReference } from '../../transport/secret.config.js';
import { accept, type Violation } from '../../validation/accept.js';
import { pathOf, type ConfigError } from './errors.js';
import { didYouMean } from './did-you-mean.js';
import { resolveSecrets, type SecretSource } from './secrets.js';

/** A part of a configuration: what is right of it, what is wrong with it, and what was left out therefore. */
export interface Fit<T> {
  readonly value: T;
  readonly errors: readonly (ConfigError & { readonly isUnknown?: true })[];
  readonly gaps: readonly string[];
}

type Class<T> = new () => T;

const notLiteral = 'must be a reference to a secret: {env: NAME} or {file: PATH}';

/** Fits the part that stands below these steps into its class, and reads its secrets. */
export function fit<T extends object>(
  Class: Class<T>,
  input: unknown,
  steps: readonly string[],
  secrets: SecretSource,
): Fit<T> {
  const { value, violations } = accept(Class, input);
  const unread = resolveSecrets(value, pathOf(steps), secrets);
  const below = (path: readonly string[]): string => pathOf([...steps, ...path]);
  return {
    value,
    errors: [
      ...violations.map((violation) => ({
        path: below(violation.path),
        message: violation.declared === SecretReference ? notLiteral : sentence(violation, input),
        ...(violation.isUnknown ? { isUnknown: true as const } : {}),
      })),
      ...unread,
    ],
    gaps: [
      ...violations.flatMap((violation) => gapsOf(violation, value).map(below)),
      ...unread.map(({ path }) => path),
    ],
  };
}

/** What only a number breaks: where a text is expected, a number may be a secret. */
const isAboutNumbers = /^must (?:not be (?:greater|less)|be (?:an integer|a positive))/;

/** What is wrong, with the value where it cannot be a secret, and what is meant where that can be told. */
function sentence({ path, message, known }: Violation, input: unknown): string {
  if (known) return `${message}${didYouMean(path.at(-1), known)}`;
  const value = path.reduce<unknown>(
    (within, step) => (within as Readonly<Record<string, unknown>> | null)?.[step],
    input,
  );
  if (typeof value === 'number' && isAboutNumbers.test(message)) return `${message}, not ${String(value)}`;
  const allowed = /one of the following values: (.+)$/.exec(message)?.[1]?.split(', ');
  return `${message}${didYouMean(value, allowed ?? [])}`;
}

/**
 * A member that nobody knows leaves no gap, unless nothing else stands beside it: it may be what is missed, misspelt.
 */
function gapsOf({ path, isUnknown }: Violation, value: object): readonly (readonly string[])[] {
  if (!isUnknown) return [path];
  const parents = path.slice(0, -1);
  const parent = parents.reduce<unknown>((within, step) => (within as Readonly<Record<string, unknown>>)[step], value);
  return parents.length > 0 && Object.keys(parent ?? {}).length === 0 ? [path] : [];
}

/**
 * What is wrong with a part by every class that it may be meant for: they say the same, or do not know the member at
 * all.
 */
export function errorsByAll(
  Classes: readonly Class<object>[],
  input: unknown,
  steps: readonly string[],
  secrets: SecretSource,
): readonly ConfigError[] {
  const tries = Classes.map((Class) => fit(Class, input, steps, secrets).errors);
  const told = new Map(tries.flat().map((error) => [`${error.path} ${error.message}`, error]));
  return [...told.values()].filter(({ path, message }) =>
    tries.every((errors) =>
      errors.some(
        (other) =>
          (other.path === path && other.message === message) ||
          (other.isUnknown && `${path}.`.startsWith(`${other.path}.`)) ||
          (other.isUnknown && path.startsWith(`${other.path}[`)),
      ),
    ),
  );
}
