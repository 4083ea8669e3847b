import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { gatherRulesOnce } from './gather-rules.js';

gatherRulesOnce();

const notKnown = 'is not known here';

/** One member that is wrong, by the names and indexes that lead to it. */
export interface Misfit {
  readonly path: readonly string[];
  readonly message: string;
}

export interface Accepted<T> {
  /** Holds only what is right. */
  readonly value: T;
  readonly misfits: readonly Misfit[];
}

/** Fits input into a class by the rules its members are decorated with. What the class does not know is a misfit. */
export function accept<T extends object>(Class: new () => T, input: unknown): Accepted<T> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { value: new Class(), misfits: [{ path: [], message: 'must be an object' }] };
  }
  const value = plainToInstance(Class, input, { exposeUnsetFields: false });
  const errors = validateSync(value, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  const misfits = [...errors.flatMap((error) => flatten(error, [])), ...dropped(input, value, [])];
  for (const { path } of misfits) Reflect.deleteProperty(value, path[0] ?? '');
  return { value, misfits };
}

/** class-transformer drops members without a word that are named like what every object has: `constructor`, `toString`. */
function dropped(input: object, value: object, parents: readonly string[]): readonly Misfit[] {
  return Object.entries(input).flatMap(([name, member]: [string, unknown]): readonly Misfit[] => {
    const path = [...parents, name];
    if (!Object.hasOwn(value, name)) return member === undefined ? [] : [{ path, message: notKnown }];
    const kept = (value as Readonly<Record<string, unknown>>)[name];
    return isObject(member) && isObject(kept) ? dropped(member, kept, path) : [];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function flatten(error: ValidationError, parents: readonly string[]): readonly Misfit[] {
  const path = [...parents, error.property];
  const messages = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? notKnown : sentence(message, error.property),
  }));
  return [...messages, ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}

/** class-validator begins its messages with the name of the member, which the path tells already. */
function sentence(message: string, property: string): string {
  return message.replace(new RegExp(`^(each value in )?${RegExp.escape(property)} `), (_all, each?: string) =>
    each === undefined ? '' : 'each value ',
  );
}
