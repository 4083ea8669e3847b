import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { brokenByElements } from './each.js';
import { gatherRulesOnce } from './gather-rules.js';
import { keepsRules } from './keeps-rules.js';

gatherRulesOnce();

const notKnown = 'is not known here';

/** What no class knows is an error. */
const asRules = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };

/** Rules that only something else altogether breaks. */
const shapes = new Set(['isObject', 'isArray', 'nestedValidation']);

/** One member that is wrong, by the names and indexes that lead to it. */
export interface Violation {
  readonly path: readonly string[];
  readonly message: string;
  /** No class knows a member of this name here. */
  readonly isUnknown?: true;
  /** The names that are known there instead. */
  readonly known?: readonly string[];
  /** What the member is declared to be, if something else altogether stands there. */
  readonly declared?: unknown;
}

/** What was read of an input, and which rules it breaks. */
export interface Accepted<T> {
  /**
   * Holds only what is right, however deep: of a list, what is wrong leaves a gap, so that the rest keeps its place.
   */
  readonly value: T;
  readonly violations: readonly Violation[];
}

/** Fits input into a class by the rules its members are decorated with. What the class does not know is a violation. */
export function accept<T extends object>(Class: new () => T, input: unknown): Accepted<T> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { value: new Class(), violations: [{ path: [], message: 'must be an object' }] };
  }
  const value = plainToInstance(Class, input, { exposeUnsetFields: false });
  const errors = keepsRules(value) ? [] : validateSync(value, asRules);
  const violations = [...errors.flatMap((error) => flatten(error, [])), ...dropped(input, value, [])];
  for (const { path } of violations) leaveOut(value, path);
  return { value, violations };
}

/**
 * class-transformer drops members without a word that are named like what every object has: `constructor`, `toString`.
 */
function dropped(input: object, value: object, parents: readonly string[]): readonly Violation[] {
  const violations: Violation[] = [];
  for (const name of Object.keys(input)) {
    const member = (input as Readonly<Record<string, unknown>>)[name];
    if (!Object.hasOwn(value, name)) {
      if (member !== undefined) violations.push({ path: [...parents, name], message: notKnown, isUnknown: true });
    } else if (isObject(member)) {
      const kept = (value as Readonly<Record<string, unknown>>)[name];
      if (isObject(kept)) violations.push(...dropped(member, kept, [...parents, name]));
    }
  }
  return violations;
}

function leaveOut(value: unknown, [name = '', ...rest]: readonly string[]): void {
  if (!isObject(value) || !Object.hasOwn(value, name)) return;
  if (rest.length === 0) Reflect.deleteProperty(value, name);
  else leaveOut((value as Readonly<Record<string, unknown>>)[name], rest);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function flatten(error: ValidationError, parents: readonly string[]): readonly Violation[] {
  const path = [...parents, error.property];
  const { rules, elements } = brokenByElements(error);
  const own = violationOf(error, path, rules);
  // Of what is something else altogether nothing more can be said.
  if (own?.declared !== undefined) return [own];
  return [
    ...(own ? [own] : []),
    ...elements.map(({ index, message }) => ({ path: [...path, index], message: sentence(message, error.property) })),
    ...(error.children ?? []).flatMap((child) => flatten(child, path)),
  ];
}

/** What is wrong with the member itself: presence first, then its rules in the order in which they are written. */
function violationOf(
  error: ValidationError,
  path: readonly string[],
  ofElements: ReadonlySet<string>,
): Violation | null {
  const { constraints = {}, property, target } = error;
  const failed = Object.entries(constraints).find(([name]) => !ofElements.has(name));
  if (!failed) return null;
  const [rule, message] = failed;
  if (rule === 'whitelistValidation') return { path, message: notKnown, isUnknown: true, known: membersOf(target) };
  if (error.value === undefined) return { path, message: 'is missing' };
  if (!shapes.has(rule)) return { path, message: sentence(message, property) };
  const declared: unknown = Reflect.getMetadata('design:type', target ?? {}, property);
  return { path, message: rule === 'isArray' ? 'must be a list' : 'must be an object', declared };
}

/** The names of the members that the class of an object declares. */
function membersOf(target: object | undefined): readonly string[] {
  if (target === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

/** class-validator begins its messages with the name of the member, which the path tells already. */
function sentence(message: string, property: string): string {
  return message.replace(new RegExp(`^(?:each value in )?${RegExp.escape(property)} |^each (?=must )`), '');
}
