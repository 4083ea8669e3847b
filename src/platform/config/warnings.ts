import { parsePattern } from '../../core/model/pattern.js';
import type { ReceiverConfig } from '../../notify/notify.config.js';
import type { AuthConfig } from '../auth/auth.config.js';
import type { GrantConfig } from '../auth/grant.config.js';
import type { ConnectionChecks, TargetChecks } from './check.js';

/**
 * What is allowed in a valid configuration, and hardly meant: grants that match no target, connections that none uses.
 */
export function warningsOf(
  auth: AuthConfig,
  connections: ConnectionChecks,
  targets: TargetChecks,
  notify: readonly ReceiverConfig[],
): readonly string[] {
  const names = targets.map(({ config }) => config.name);
  const used = new Set(targets.map(({ config }) => config.connection));
  const unused = [...connections.keys()].filter((name) => !used.has(name));
  return [
    ...(['apiKeys', 'jwt'] as const).flatMap((kind) =>
      (auth[kind] ?? []).flatMap(({ grants }, index) =>
        grantsOfNothing(`auth.${kind}[${String(index)}]`, grants, names),
      ),
    ),
    ...notify.flatMap((receiver, index) =>
      globsOfNothing(`notify[${String(index)}].targets`, receiver.targets ?? [], names),
    ),
    ...unused.map((name) => `connections.${name}: no target uses this connection`),
  ];
}

function grantsOfNothing(path: string, grants: readonly GrantConfig[], names: readonly string[]): readonly string[] {
  return grants.flatMap(({ targets }, index) =>
    globsOfNothing(`${path}.grants[${String(index)}].targets`, targets, names),
  );
}

function globsOfNothing(path: string, globs: readonly string[], names: readonly string[]): readonly string[] {
  return globs
    .filter((glob) => !names.some((name) => parsePattern(glob)?.matches(name)))
    .map((glob) => `${path}: ${JSON.stringify(glob)} matches no target`);
}
