import { holds, type Caller } from '../core/caller.js';
import { noCounts } from '../core/counts.js';
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

/** Whoever made it sees all of it; others see the targets that they operate, and no operation without one. */
export function see(caller: Caller, operation: Operation): Operation | undefined {
  if (operation.requestedBy === caller.name) return operation;
  const visible = operation.targets.map(({ target }) => holds(caller, target, 'operator'));
  if (!visible.includes(true)) return undefined;
  return { ...operation, targets: operation.targets.map((target, index) => (visible[index] ? target : blank(target))) };
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
