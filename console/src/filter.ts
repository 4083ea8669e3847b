import type { LookQuery } from '../../clients/typescript/src/sluice.ts';
import { secondsOf } from './words.ts';

/** The parameters of a look that choose processes, in the API's own words. */
export const filterNames = [
  'user',
  'client',
  'database',
  'application',
  'command',
  'state',
  'node',
  'id',
  'minIdleSeconds',
  'minBusySeconds',
  'minTransactionSeconds',
  'minAgeSeconds',
  'statementId',
  'blocking',
] as const;

const numbers = new Set<string>(['minIdleSeconds', 'minBusySeconds', 'minTransactionSeconds', 'minAgeSeconds']);
const once = new Set<string>([...numbers, 'blocking']);

/** A filter that somebody wrote, `user=orders_*`, as name and value; else what is wrong with it. */
export function readFilter(
  text: string,
): { readonly name: string; readonly value: string } | { readonly wrong: string } {
  const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
  if (name === '') return { wrong: 'Write a filter as name=value: user=orders_*' };
  // Labels choose targets: they stand in the address beside the filters.
  if (name !== 'label' && !(filterNames as readonly string[]).includes(name)) {
    return { wrong: `There is no filter "${name}". There are label, ${filterNames.join(', ')}.` };
  }
  if (value === '') return { wrong: `Write a value behind ${name}=` };
  if (name === 'label' && !value.includes(':')) return { wrong: 'Write a label as label=name:value' };
  if (name === 'blocking' && value !== 'true' && value !== 'false') return { wrong: 'Write blocking=true' };
  if (!numbers.has(name)) return { name, value };
  const seconds = secondsOf(value);
  return seconds === null ? { wrong: `Write a duration such as ${name}=10m` } : { name, value: String(seconds) };
}

/** The address with one more filter. */
export function withFilter(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(query);
  if (once.has(name)) next.set(name, value);
  else if (!next.getAll(name).includes(value)) next.append(name, value);
  return next;
}

/** The address with one filter less. */
export function withoutFilter(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete(name, value);
  return next;
}

/** The filters of an address, in the order in which they stand there. */
export function filtersOf(query: URLSearchParams): (readonly [name: string, value: string])[] {
  return [...query].filter(([name]) => (filterNames as readonly string[]).includes(name));
}

/** What the API is asked for these targets and filters. */
export function selectionOf(query: URLSearchParams, targets: readonly string[]): LookQuery {
  const asked: Record<string, string[] | number | boolean> = { target: [...targets] };
  for (const [name, value] of filtersOf(query)) {
    if (name === 'blocking') asked[name] = value === 'true';
    else if (numbers.has(name)) asked[name] = Number(value);
    else asked[name] = [...((asked[name] as string[] | undefined) ?? []), value];
  }
  const selection: object = asked;
  return selection;
}

/** Could a kill by these filters leave somebody out? Sluice refuses all others. */
export function canExclude(query: URLSearchParams): boolean {
  return filtersOf(query).some(([name, value]) =>
    numbers.has(name) ? Number(value) > 0 : name !== 'node' && value !== '*' && !value.startsWith('!'),
  );
}
