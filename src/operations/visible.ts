import { holds, type Caller } from '../core/caller.js';
import { addAcross, noCounts } from '../core/counts.js';
import type { Operation, TargetOutcome } from '../core/operation.js';
import type { OperationListQuery } from './operation-list.dto.js';

/** What is blanked is not found by its name either. */
export function isAsked({ targets }: Operation, { target, processId }: OperationListQuery): boolean {
  const named = targets.filter((one) => one.target !== '' && (target === undefined || one.target === target));
  if (named.length === 0) return target === undefined && processId === undefined;
  return (
    processId === undefined ||
    named.some(({ items, itemsOmitted }) => itemsOmitted > 0 || items.some(({ id }) => id === processId))
  );
}

/**
 * Whoever made it sees all of it; others see the targets that they operate, and no operation without one. What is told of all
 * targets together is not told to who sees only some of them.
 */
export function see(caller: Caller, operation: Operation): Operation | undefined {
  if (operation.requestedBy === caller.name) return operation;
  const visible = operation.targets.filter(({ target }) => holds(caller, target, 'operator'));
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
    ...(victims && { victims: onVisible(victims) }),
    ...(spared && { protected: onVisible(spared) }),
    ...(calls && { calls: onVisible(calls) }),
  };
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
