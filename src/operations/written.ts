import { hash } from 'node:crypto';
import type { FieldError } from '../core/model/failure.js';
import { placeIn, type Writing } from '../core/model/request.js';

/** What a call says for itself, whatever plan it uses. */
const own = new Set(['plan', 'reason', 'onBehalfOf', 'approval', 'breakGlass']);

/** What a caller wrote, member by member, the same for the same whatever the order of values. */
export function writtenOf(input: readonly unknown[]): Readonly<Record<string, string>> {
  const members = input.flatMap((part) => (typeof part === 'object' && part !== null ? Object.entries(part) : []));
  return Object.fromEntries(
    members.filter(([name]) => !own.has(name)).map(([name, value]: [string, unknown]) => [name, digestOf(value)]),
  );
}

/** Short, however long a list of ids is. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** What stands beside a plan, and is not what its dry run was asked for. */
export function besidePlan(
  written: Readonly<Record<string, string>>,
  planned: Readonly<Record<string, string>>,
  writing: Writing,
): readonly FieldError[] {
  return (
    Object.entries(written)
      // A plan is used to carry it out: it takes no dry run.
      .filter(([name, value]) => name === 'dryRun' || planned[name] !== value)
      .map(([name]) => ({
        ...placeIn(writing, name),
        message:
          'A plan cannot be combined with other parameters, except reason and onBehalfOf, and those of its own dry run.',
      }))
  );
}
