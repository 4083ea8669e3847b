import { sql, type Expression, type RawBuilder } from 'kysely';
import type { Statement } from './statement.js';

/** How many rows one statement inserts: a longer list takes several of them, the largest first. */
const sizes = [500, 100, 20, 5, 1] as const;

/** Cuts a list so that a few statements, each compiled once, insert it whatever its length. */
export function cut<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const pieces: (readonly Item[])[] = [];
  let start = 0;
  for (const size of sizes) {
    for (; items.length - start >= size; start += size) pieces.push(items.slice(start, start + size));
  }
  return pieces;
}

/** What rows of an operation are made of: what differs is numbered. */
export type ManyOf = Readonly<Record<number, string>> & { readonly operation: string };

/** The numbered slots of a statement as rows of one column. */
export function rowsOf(
  count: number,
  slots: Readonly<Record<number, Expression<string>>>,
): RawBuilder<{ column1: string }> {
  const rows = Array.from({ length: count }, (_, index) => sql`(${slots[index]})`);
  return sql`(values ${sql.join(rows)})`;
}

/** Inserts many rows of an operation: `make` gives the statement for so many of them, whose slots are numbered. */
export function insertMany(make: (count: number) => (values: ManyOf) => Statement) {
  const made = new Map(sizes.map((size) => [size as number, make(size)]));
  return (operation: string, items: readonly string[]) =>
    cut(items).flatMap((piece) => {
      const statement = made.get(piece.length);
      return statement ? [statement({ operation, ...Object.fromEntries(piece.entries()) })] : [];
    });
}
