import { causeOf } from '../core/record/cause.js';
import type { OperationHandle } from '../core/engine/handle.js';
import { Failure } from '../core/model/failure.js';
import { isCompleted, type Operation, type TargetOutcome } from '../core/model/operation.js';
import type { Ask } from '../platform/entry/ask.js';
import { OperationFailure } from '../platform/http/problem.filter.js';

/** Seconds after which a caller that was answered 202 may ask again. */
export const askAgainSeconds = 2;

/**
 * 200, 202, 207, or a problem when nothing was done. Who asks for 202 gets it, unless it was a dry run or only
 * repeated.
 */
export function answer(ask: Ask, { id, now, isRepeated }: OperationHandle, basePath: string): Operation {
  const told = toldOnce(now);
  const operation: Operation = isRepeated ? { ...told, replayed: true } : told;
  const address = `${basePath}/operations/${id}`;
  if (isRepeated) ask.header('idempotent-replayed', 'true');
  tellState(ask, operation);
  if (ask.isAsync && !isRepeated && !operation.dryRun) return accept(ask, operation, address);
  switch (operation.state) {
    case 'planned':
    case 'succeeded':
      ask.status(200);
      return operation;
    case 'partial':
      ask.status(207);
      return operation;
    case 'awaitingApproval':
    case 'running':
      return accept(ask, operation, address);
    case 'rejected':
    case 'expired':
      throw new OperationFailure(unapproved(operation), operation);
    case 'failed':
    case 'unknown':
      throw new OperationFailure(causeOf(operation), operation);
  }
}

function unapproved({ id, approval }: Operation): Failure {
  const { is, by } = approval?.decision ?? { is: 'expired', by: null };
  return new Failure('approval-required', `${id} was not carried out: it ${tellDecision(is, by)}.`);
}

function tellDecision(is: string, by: string | null): string {
  return is === 'expired' ? 'was not approved in time' : `was ${is} by ${by ?? 'somebody'}`;
}

/** A dry run tells its victims once, of all targets together; of others its items say why they are left alone. */
export function toldOnce(operation: Operation): Operation {
  return operation.dryRun ? { ...operation, targets: operation.targets.map(withoutVictims) } : operation;
}

function withoutVictims(target: TargetOutcome): TargetOutcome {
  const items = target.items.filter(({ outcome }) => outcome !== 'wouldEnd');
  return { ...target, items, itemsOmitted: target.itemsOmitted + target.items.length - items.length };
}

/** Every answer about an operation that was begun or stopped tells how it stands in its headers, too. */
export function tellState(ask: Ask, operation: Operation): void {
  ask.header('sluice-operation', operation.id);
  ask.header('sluice-state', operation.state);
  ask.header('sluice-completed', String(isCompleted(operation)));
}

function accept(ask: Ask, operation: Operation, address: string): Operation {
  ask.status(202);
  ask.header('location', address);
  ask.header('retry-after', String(askAgainSeconds));
  return operation;
}
