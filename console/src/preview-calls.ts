import type { FlushCall, Kill } from '../../clients/typescript/src/sluice.ts';
import { selectionOf } from './filter.ts';
import { pickedRows } from './picked.ts';

/** The call that an address previews: a kill by filter, a flush, or a kill of the rows that were selected. */
export function callOf(query: URLSearchParams): Kill | FlushCall | null {
  const call = query.get('do') === 'picked' ? pickedCall() : chosenCall(query);
  return call && query.get('breakGlass') === 'true' ? { ...call, breakGlass: true } : call;
}

function chosenCall(query: URLSearchParams): Kill | FlushCall | null {
  const targets = query.getAll('target');
  if (targets.length === 0) return null;
  if (query.get('do') === 'kill') return selectionOf(query, targets);
  const mode = query.get('mode') === 'forced' ? 'forced' : 'graceful';
  const least = query.get('minIdleSeconds');
  return { targets, mode, ...(least === null || mode === 'forced' ? {} : { minIdleSeconds: Number(least) }) };
}

function pickedCall(): Kill | null {
  const rows = pickedRows();
  if (rows.length === 0) return null;
  return { processes: rows.map(({ target, node, id }) => ({ target, id, ...(node === null ? {} : { node }) })) };
}
