/** How a list is written. */
export const formats = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];

/** A column: its title, and what stands in it. */
export type Column<Row> = readonly [title: string, value: (row: Row) => string | number | boolean | null | undefined];

/** Writes rows for people, or for programs; as JSON what `whole` is: all of the answer. */
export function writeRows<Row>(
  format: Format,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whole: unknown,
): void {
  const { stdout } = process;
  if (format === 'json') stdout.write(`${jsonOf(whole, 2)}\n`);
  else if (format === 'ndjson') for (const row of rows) stdout.write(`${jsonOf(row)}\n`);
  else if (format === 'csv') stdout.write(csvOf(rows, columns));
  else stdout.write(tableOf(rows, columns));
}

/** JSON that a terminal shows and does not obey. */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Columns of equal width; ones that are empty in every row are left out. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], indent = ''): string {
  const cells = rows.map((row) => columns.map(([, value]) => printable(value(row) ?? '')));
  const shown = columns.map((_, index) => index === 0 || cells.some((line) => line[index] !== ''));
  const lines = [columns.map(([title]) => title), ...cells].map((line) => line.filter((_, index) => shown[index]));
  const widths = (lines[0] ?? []).map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  return lines
    .map((line) => `${indent}${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd() + '\n')
    .join('');
}

function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, value]) => String(value(row) ?? ''))),
  ];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** What comes from a database is shown, not obeyed: a terminal takes some characters for commands. */
export function printable(value: string | number | boolean): string {
  return String(value).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
