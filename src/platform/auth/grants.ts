import type { ConfiguredGrant } from '../../core/model/caller.js';
import { parsePattern } from '../../core/model/pattern.js';
import type { GrantConfig } from './auth.config.js';

/**
 * A grant as configured, ready to be asked. Its time is linear in the name that is asked about, which callers choose.
 */
export function grantOf({ role, targets, statements = false }: GrantConfig): ConfiguredGrant {
  const globs = targets.map(parsePattern);
  return { role, targets, statements, matches: (target) => globs.some((glob) => glob?.matches(target)) };
}
