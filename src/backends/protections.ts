import { clockFacts, textFacts } from '../core/model/process.js';
import { misreadClient } from '../core/model/host.js';
import { misreadBackslashes } from '../core/model/pattern.js';
import {
  minimumParameters,
  readWritten,
  unsupportedFilters,
  type Telling,
  type WrittenSelection,
} from '../core/model/selection.js';
import type { ApprovalRules } from '../core/model/approval-rules.js';
import type { Safeguards } from '../core/model/safeguards.js';
import type { Target } from '../core/model/target.js';
import type { ApprovalConfig } from '../validation/approval.config.js';
import type { MemberError, TargetConfig } from './backend.js';
import type { FilterConfig } from './filter.config.js';

/** What every target takes from its configuration as it stands there. */
export function configured(config: TargetConfig): Pick<Target, 'name' | 'labels' | 'description' | 'safeguards'> {
  const safeguards: Safeguards = {
    readOnly: config.readOnly ?? false,
    protect: (config.protect ?? []).map((filter) => readWritten(writtenOf(filter)).selection),
    maxProcesses: config.maxProcesses ?? 50,
    maxShare: config.maxShare ?? 0.5,
    killsPerMinute: config.killsPerMinute ?? 200,
    planSeconds: config.planSeconds ?? 120,
    reason: config.reason ?? 'forced',
    approval: rulesOf(config.approval),
  };
  return { name: config.name, labels: config.labels ?? {}, description: config.description ?? null, safeguards };
}

function rulesOf({
  forced = false,
  above = {},
  most = 1000,
  expirySeconds = 1800,
}: ApprovalConfig = {}): ApprovalRules {
  const { processes = Infinity, share = Infinity } = above;
  return { forced, above: { processes, share }, most, waitMs: expirySeconds * 1000 };
}

/**
 * What is wrong with the protections of a target: one that names nothing, or what nobody can tell there, which would
 * protect everything, or a pattern that can never fit what it plainly means, which would protect nobody. `nodes` are
 * the names of its nodes, null where they are found by asking, none where it has none.
 */
export function protectErrors(
  { protect = [] }: Pick<TargetConfig, 'protect'>,
  telling: Telling,
  nodes: readonly string[] | null,
): readonly MemberError[] {
  return protect.flatMap((filter, index) => {
    const at = `protect[${String(index)}]`;
    const written = writtenOf(filter);
    if (Object.keys(written).length === 0) return [{ path: at, message: 'must name at least one member' }];
    const { selection } = readWritten(written);
    const untold = unsupportedFilters(selection, telling).map((member) => ({
      path: `${at}.${member}`,
      message: 'is about what this target cannot tell of its processes',
    }));
    const unfit = textFacts.flatMap((fact) =>
      (written[fact] ?? []).flatMap((text) => {
        const message = misreadBackslashes(text) ?? (fact === 'client' ? misreadClient(text) : null);
        return message === null ? [] : [{ path: `${at}.${fact}`, message }];
      }),
    );
    const wrong = [...untold, ...unfit];
    const isUnknown = nodes !== null && selection.nodes.some((name) => !nodes.includes(name));
    return isUnknown
      ? [...wrong, { path: `${at}.node`, message: 'names a node that this target does not have', by: ['nodes'] }]
      : wrong;
  });
}

/** The filter as the grammar takes it. */
function writtenOf(filter: FilterConfig): WrittenSelection {
  const values = (['node', 'state', ...textFacts] as const).flatMap((member) => {
    const value = filter[member];
    return value === undefined ? [] : [[member, typeof value === 'string' ? [value] : value] as const];
  });
  const minimums = clockFacts.flatMap((fact) => {
    const seconds = filter[minimumParameters[fact]];
    return seconds === undefined ? [] : [[minimumParameters[fact], seconds] as const];
  });
  return Object.fromEntries<readonly string[] | number>([...values, ...minimums]);
}
