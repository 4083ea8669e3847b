import type { OperationState } from '../model/operation.js';

/** Folds the states of nodes into that of their target, and of targets into that of their operation. */
export function foldStates(states: readonly OperationState[]): OperationState {
  const all = (...allowed: OperationState[]): boolean => states.every((state) => allowed.includes(state));
  if (states.includes('running')) return 'running';
  if (states.length > 0 && all('planned')) return 'planned';
  if (all('succeeded')) return 'succeeded';
  if (all('failed')) return 'failed';
  if (all('failed', 'unknown')) return 'unknown';
  return 'partial';
}
