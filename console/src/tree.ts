import type { Process } from '../../clients/typescript/src/sluice.ts';

export type Row = Process;

/** A row, and how deep it stands below who blocks it. */
export interface Placed {
  readonly row: Row;
  readonly depth: number;
}

/** The name of a row among all: an id may be on several nodes. */
export function keyOf({ target, node, id }: Pick<Row, 'target' | 'node' | 'id'>): string {
  return JSON.stringify([target, node, id]);
}

/** Whoever is blocked stands below who blocks it; all others stay where they are. */
export function blockTree(rows: readonly Row[]): Placed[] {
  const known = new Set(rows.map(keyOf));
  const below = new Map<string, Row[]>();
  const roots: Row[] = [];
  for (const row of rows) {
    const blocker = (row.blockedBy ?? []).map((id) => keyOf({ ...row, id })).find((key) => known.has(key));
    if (blocker === undefined || blocker === keyOf(row)) roots.push(row);
    else below.set(blocker, [...(below.get(blocker) ?? []), row]);
  }
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const place = (row: Row, depth: number) => {
    if (seen.has(keyOf(row))) return;
    seen.add(keyOf(row));
    placed.push({ row, depth });
    for (const blocked of below.get(keyOf(row)) ?? []) place(blocked, depth + 1);
  };
  for (const row of roots) place(row, 0);
  // Who block each other have no root.
  for (const row of rows) place(row, 0);
  return placed;
}
