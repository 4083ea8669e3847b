import { mayDo, seesOperations, type Caller } from '../core/model/caller.js';
import type { Targets } from '../core/model/targets.js';
import { noCounts } from '../core/record/counts.js';
import type { KeptRefusal } from '../core/record/refused-calls.js';
import type { OperationListQuery } from './operation-list.dto.js';
import type { OperationSummaryDto, TargetSummaryDto } from './summary.dto.js';

/** Does a caller see what was done to any target there is? */
export function seesEverything(caller: Caller, targets: Targets): boolean {
  return targets.all.length > 0 && targets.all.every(({ name }) => mayDo(caller, name, 'audit'));
}

/** Does a caller see what others did to any target at all? */
export function seesOthers(caller: Caller, targets: Targets): boolean {
  return targets.all.some(({ name }) => seesOperations(caller, name));
}

/**
 * A refused call as a caller sees it, by the rule of operations: its own caller sees all of it, others the targets that
 * they operate. What names no target is for those who see everything. The detail may name targets, so it is told to
 * those who see all of them. Undefined if the caller sees nothing of it, or did not ask for it.
 */
export function tellRefused(
  caller: Caller,
  call: KeptRefusal,
  seesAll: boolean,
  query: OperationListQuery,
): OperationSummaryDto | undefined {
  const isWholly = seesAll || (call.requestedBy !== '' && call.requestedBy === caller.name);
  const targets = call.targets.map((one) =>
    isWholly || seesOperations(caller, one.target) ? one : { target: '', backend: '' },
  );
  const named = targets.filter(({ target }) => target !== '');
  if (!isWholly && named.length === 0) return undefined;
  if (!isAsked(call, named, query)) return undefined;
  const seesDetail = isWholly || (call.isWhole && named.length === targets.length);
  const { at, lastAt, isWhole, problem, ...told } = call;
  const { detail, ...kind } = problem;
  return {
    ...told,
    state: 'refused',
    createdAt: new Date(at).toISOString(),
    endedAt: new Date(at).toISOString(),
    counts: noCounts,
    targets: targets.map(targetOf),
    problem: seesDetail ? { ...kind, detail } : kind,
    lastAt: new Date(lastAt).toISOString(),
  };
}

function isAsked(
  { onBehalfOf, reason }: KeptRefusal,
  named: KeptRefusal['targets'],
  query: OperationListQuery,
): boolean {
  if (query.onBehalfOf !== undefined && onBehalfOf !== query.onBehalfOf) return false;
  if (query.text !== undefined && reason?.toLowerCase().includes(query.text.toLowerCase()) !== true) return false;
  return query.target === undefined || named.some(({ target }) => target === query.target);
}

function targetOf({ target, backend }: KeptRefusal['targets'][number]): TargetSummaryDto {
  const nothing = { strategy: null, effect: 'none', durationMs: null, note: null, problem: null, drain: null } as const;
  return { target, backend, state: 'failed', counts: noCounts, completed: false, ...nothing };
}
