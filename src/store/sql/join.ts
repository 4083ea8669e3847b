import { sql, type SqlBool } from 'kysely';
import type { Step } from '../database.js';
import type { Statement } from './statement.js';

const marker = '(1 = 1)';
/** Where a statement says that it changes something only if the first of those that are written with it could be done. */
export const ifMet = sql.raw<SqlBool>(marker);

/** More steps than this are rare, and of too many shapes to keep a statement for each. */
const mostJoined = 4;

/** What was joined, by the names of its statements. */
const joined = new Map<string, { readonly name: string; readonly sql: string }>();

/**
 * Several steps of which only the first can be refused, as one statement, in the words of PostgreSQL: it gives a row if they
 * were written, none if they were not. Undefined if they cannot be joined.
 */
export function join(steps: readonly Step[]): Statement | undefined {
  const [first, ...rest] = steps;
  if (!first?.must || rest.length === 0 || steps.length > mostJoined) return undefined;
  if (rest.some(({ must, gives, statement }) => must || gives || !statement.sql.includes(marker))) return undefined;
  const statements = steps.map(({ statement }) => statement);
  const names = statements.map(({ name }) => name ?? '');
  if (names.includes('')) return undefined;
  const key = names.join('+');
  const known = joined.get(key) ?? { name: `j${String(joined.size)}`, sql: textOf(statements) };
  joined.set(key, known);
  return { ...known, parameters: statements.flatMap(({ parameters }) => parameters) };
}

function textOf(statements: readonly Statement[]): string {
  let before = 0;
  const parts = statements.map(({ sql: text, parameters }, index) => {
    const moved = text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${String(Number(number) + before)}`);
    before += parameters.length;
    return index === 0
      ? `"met" as (${moved} returning 1)`
      : `"s${String(index)}" as (${moved.replaceAll(marker, 'exists (select from "met")')})`;
  });
  return `with ${parts.join(', ')} select 1 from "met"`;
}
