import type { Grant } from '../../core/caller.js';
import type { GrantConfig } from './auth.config.js';

/** A grant as configured, ready to be asked. */
export function grantOf({ role, targets, statements = false }: GrantConfig): Grant {
  const globs = targets.map(globOf);
  return { role, statements, matches: (target) => globs.some((glob) => glob.test(target)) };
}

function globOf(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .split(/\*+/)
      .map((piece) => RegExp.escape(piece))
      .join('.*')}$`,
  );
}
