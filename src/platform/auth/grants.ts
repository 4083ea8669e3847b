import type { ConfiguredGrant, WrittenGrant } from '../../core/model/caller.js';
import { parsePattern } from '../../core/model/pattern.js';
import type { GrantConfig } from './grant.config.js';

/**
 * A grant as configured, ready to be asked. Its time is linear in the name that is asked about, which callers choose.
 */
export function grantOf(config: GrantConfig): ConfiguredGrant {
  const { role = null, targets, statements = false, actions, approve, breakGlass, caps } = config;
  const globs = targets.map(parsePattern);
  const own = [...(actions ?? []), ...(approve === true ? (['approve'] as const) : [])];
  return {
    role,
    targets,
    statements,
    written: writtenOf(config),
    matches: (target) => globs.some((glob) => glob?.matches(target)),
    ...(own.length > 0 ? { actions: own } : {}),
    ...(breakGlass === true ? { breakGlass } : {}),
    ...(caps ? { caps } : {}),
  };
}

/** Only the members that are there. */
function writtenOf({ role, actions, approve, breakGlass, caps }: GrantConfig): WrittenGrant {
  const { maxProcesses, killsPerMinute } = caps ?? {};
  return {
    ...(role === undefined ? {} : { role }),
    ...(actions === undefined ? {} : { actions }),
    ...(approve === undefined ? {} : { approve }),
    ...(breakGlass === undefined ? {} : { breakGlass }),
    ...(caps === undefined
      ? {}
      : {
          caps: {
            ...(maxProcesses === undefined ? {} : { maxProcesses }),
            ...(killsPerMinute === undefined ? {} : { killsPerMinute }),
          },
        }),
  };
}
