/** How a list is told: as one JSON document, or streamed, each item a line. */
export type ListFormat = 'json' | 'ndjson' | 'csv';

/** Their media types, the first where a caller does not mind. */
export const listMediaTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
} as const satisfies Readonly<Record<ListFormat, string>>;

const formats = ['json', 'ndjson', 'csv'] as const;

/** So much of an `Accept` is read. */
const longestAccept = 2048;

/**
 * The format that an `Accept` (RFC 9110, 12.5.1) wants most; of those that it wants as much, one that it names. JSON
 * where it takes none of them, as for any other call.
 */
export function listFormatOf(accept: string | undefined): ListFormat {
  const ranges = (accept ?? '').slice(0, longestAccept).toLowerCase().split(',').map(rangeOf);
  const wanted = formats
    .map((format) => ({ format, ...mostSpecific(listMediaTypes[format], ranges) }))
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality || other.named - one.named);
  return wanted[0]?.format ?? 'json';
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const quality = parameters.find((one) => one.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** How much a media type is wanted by the range that says most about it, and how much that says. */
function mostSpecific(type: string, ranges: readonly Range[]): { readonly quality: number; readonly named: number } {
  const names = ['*/*', `${type.split('/')[0] ?? ''}/*`, type];
  const fitting = ranges
    .map((range) => ({ quality: range.quality, named: names.indexOf(range.type) }))
    .filter(({ named }) => named >= 0)
    .toSorted((one, other) => other.named - one.named);
  return fitting[0] ?? { quality: 0, named: -1 };
}
