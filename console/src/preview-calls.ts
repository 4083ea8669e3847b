import type { FlushCall, Kill } from '../../clients/typescript/src/sluice.ts';
import { selectionOf } from './filter.ts';
import { pickedRows } from './picked.ts';

/** The calls that an address previews: a kill by filter, a flush, or a kill of the rows that were selected. */
export function callsOf(query: URLSearchParams): (Kill | FlushCall)[] {
  const targets = query.getAll('target');
  const kind = query.get('do');
  if (kind === 'picked') return picked();
  if (targets.length === 0) return [];
  if (kind === 'kill') return [selectionOf(query, targets)];
  const mode = query.get('mode') === 'forced' ? 'forced' : 'graceful';
  const least = query.get('minIdleSeconds');
  return [{ targets, mode, ...(least === null || mode === 'forced' ? {} : { minIdleSeconds: Number(least) }) }];
}

/** Ids belong to one target and node each. */
function picked(): Kill[] {
  const groups = new Map<string, { target: string; node: string | null; id: string[] }>();
  for (const { target, node, id } of pickedRows()) {
    const key = JSON.stringify([target, node]);
    const group = groups.get(key) ?? { target, node, id: [] };
    group.id.push(id);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ target, node, id }) => ({ target, id, ...(node === null ? {} : { node }) }));
}
