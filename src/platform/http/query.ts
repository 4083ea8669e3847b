import { parse } from 'node:querystring';

/** Marks a query whose percent-encoding is broken: it has no values. */
export const malformedQuery = Symbol('malformed query');

/** The values of a query, in the order given. Never throws: a broken query is marked. */
export function parseQuery(text: string): Record<string, string[]> {
  try {
    decodeURIComponent(text);
  } catch {
    return { [malformedQuery as unknown as string]: [] };
  }
  const parsed = Object.entries(parse(text, '&', '=', { maxKeys: 0 }));
  // Without a prototype, so that no name of a parameter can mean anything but itself.
  return Object.assign(
    Object.create(null) as Record<string, string[]>,
    Object.fromEntries(parsed.map(([name, value]) => [name, Array.isArray(value) ? value : [value ?? '']])),
  );
}
