import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { sluiceUrl } from './session.ts';

/** The same call for a shell, as a dry run, and never with a key. */
export function asCurl(operation: Operation): string | null {
  const key = '-H "X-API-Key: $SLUICE_KEY"';
  if (operation.kind === 'sessions.flush') {
    const body = JSON.stringify({ targets: targetsOf(operation), mode: operation.mode ?? 'graceful', dryRun: true });
    return `curl -s ${quoted(`${sluiceUrl}/sessions/flush`)} ${key} -H 'Content-Type: application/json' -d ${quoted(body)}`;
  }
  const groups = operation.kind === 'processes.kill' ? groupsOf(operation) : [];
  if (groups.length === 0) return null;
  return groups
    .map(({ target, node, ids }) => {
      const query = new URLSearchParams({ target, ...(node === null ? {} : { node }) });
      for (const id of ids) query.append('id', id);
      query.append('dryRun', 'true');
      return `curl -s -X DELETE ${quoted(`${sluiceUrl}/processes?${query.toString()}`)} ${key}`;
    })
    .join('\n');
}

/** The same call for the command line, which shows the plan and asks. */
export function asSluice(operation: Operation): string | null {
  const server = `--server ${quoted(sluiceUrl)}`;
  if (operation.kind === 'sessions.flush') {
    return `sluice flush ${targetsOf(operation).map(quoted).join(' ')} --mode ${operation.mode ?? 'graceful'} ${server}`;
  }
  const groups = operation.kind === 'processes.kill' ? groupsOf(operation) : [];
  if (groups.length === 0) return null;
  return groups
    .map(
      ({ target, node, ids }) =>
        `sluice kill --target ${quoted(target)}${node === null ? '' : ` --node ${quoted(node)}`} ${ids.map(quoted).join(' ')} ${server}`,
    )
    .join('\n');
}

function targetsOf({ targets }: Operation): string[] {
  return targets.map(({ target }) => target);
}

interface Group {
  readonly target: string;
  readonly node: string | null;
  readonly ids: readonly string[];
}

function groupsOf({ targets }: Operation): Group[] {
  return targets.flatMap(({ target, items }) => {
    const nodes = [...new Set(items.map(({ node }) => node))];
    return nodes.map((node) => ({ target, node, ids: items.filter((item) => item.node === node).map(({ id }) => id) }));
  });
}

/** A word that a shell takes as it is. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
