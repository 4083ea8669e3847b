import type { Row } from './tree.ts';

let picked: readonly Row[] = [];

/** Keeps the rows that somebody selected, for their preview: a list of ids may be too long for an address. */
export function pick(rows: readonly Row[]): void {
  picked = rows;
}

/** The rows that somebody selected last. */
export function pickedRows(): readonly Row[] {
  return picked;
}
