import { idKey } from '../core/model/ids.js';
import { seesOperations, type Caller } from '../core/model/caller.js';
import { addAcross, noCounts } from '../core/record/counts.js';
import type { Viewer } from '../core/record/journal.js';
import type { Operation, TargetOutcome } from '../core/model/operation.js';
import type { OperationListQuery } from './operation-list.dto.js';

/**
 * Is it one of those that were asked for, as this caller sees it? The journal found it by all that was asked. What is
 * blanked is not found, neither by its name nor by what it is about.
 */
export function isAsked(operation: Operation, query: OperationListQuery): boolean {
  const { onBehalfOf, text } = query;
  if (onBehalfOf !== undefined && operation.onBehalfOf !== onBehalfOf) return false;
  if (text !== undefined && !reasonsOf(operation).some((reason) => reason.includes(text.toLowerCase()))) return false;
  return isAbout(operation, query);
}

/** All that people said of it. */
function reasonsOf({ reason, cancelled, approval }: Operation): readonly string[] {
  const all = [reason, cancelled?.reason, approval?.decision?.reason];
  return all.filter((one) => typeof one === 'string').map((one) => one.toLowerCase());
}

function isAbout({ targets }: Operation, { target, processId }: OperationListQuery): boolean {
  const named = targets.filter((one) => one.target !== '' && (target === undefined || one.target === target));
  if (named.length === 0) return target === undefined && processId === undefined;
  if (processId === undefined || named.length === targets.length) return true;
  const isBlanked = targets.some((one) => one.target === '');
  return named.some(
    (one) => (!isBlanked && mayHide(one)) || one.items.some(({ id }) => idKey(id) === idKey(processId)),
  );
}

/** Was it about processes that it does not show, or not yet? */
function mayHide({ state, itemsOmitted }: TargetOutcome): boolean {
  return state === 'running' || itemsOmitted > 0;
}

/** As whom a caller looks at operations: each target is asked about once. */
export function viewerOf(caller: Caller): Viewer {
  const known = new Map<string, boolean>();
  const operates = (target: string): boolean => {
    const is = known.get(target) ?? seesOperations(caller, target);
    known.set(target, is);
    return is;
  };
  return { name: caller.name, operates };
}

/**
 * The caller that made it sees all of it; others see the targets that they operate, and no operation without one. What
 * is told of all targets together is not told to those who see only some of them.
 */
export function see(caller: Caller, operation: Operation): Operation | undefined {
  if (operation.requestedBy === caller.name) return operation;
  const visible = operation.targets.filter(({ target }) => seesOperations(caller, target));
  if (visible.length === 0) return undefined;
  if (visible.length === operation.targets.length) return operation;
  const { victims, protected: spared, calls, filterText, refusal, plan, planNote, ...record } = operation;
  const names = new Set(visible.map(({ target }) => target));
  const onVisible = <Told extends { readonly target: string }>(all: readonly Told[]): readonly Told[] =>
    all.filter(({ target }) => names.has(target));
  return {
    ...record,
    counts: addAcross(visible.map(({ counts }) => counts)),
    targets: operation.targets.map((target) => (names.has(target.target) ? target : blank(target))),
    ...(record.approval && {
      approval: { ...record.approval, needs: { ...record.approval.needs, targets: [...names] } },
    }),
    ...(victims && { victims: onVisible(victims) }),
    ...(spared && { protected: onVisible(spared) }),
    ...(calls && { calls: onVisible(calls) }),
  };
}

/** The names of the targets that a caller sees of an operation. */
export function namesOf({ targets }: Operation): readonly string[] {
  return targets.map(({ target }) => target).filter((target) => target !== '');
}

function blank({ state, completed }: TargetOutcome): TargetOutcome {
  return {
    target: '',
    backend: '',
    state,
    strategy: null,
    effect: 'none',
    durationMs: null,
    counts: noCounts,
    items: [],
    itemsOmitted: 0,
    calls: [],
    note: null,
    problem: null,
    drain: null,
    completed,
  };
}
