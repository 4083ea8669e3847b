import type { Caller } from '../model/caller.js';
import type { ListedItem } from '../model/listed-item.js';
import { Failure } from '../model/failure.js';
import type { Journal } from '../record/journal.js';
import type { OperationKind } from '../model/operation.js';
import { operationOf } from './preview.js';
import { planGone } from './claims.js';
import type { Plan } from '../model/request.js';
import type { Mode } from '../model/target.js';

/** A plan, and the call that it stands for. */
export interface FoundPlan {
  readonly plan: Plan;
  readonly targets: readonly string[];
  readonly mode: Mode;
  /** Of a flush that needed every target. */
  readonly requireAll?: true;
  /** What was written for the dry run that made it, member by member. */
  readonly written: Readonly<Record<string, string>>;
}

/**
 * Finds a plan for the caller who made it. Throws Failure `plan-gone` if there is none that can be used for such a
 * call.
 */
export async function findPlan(
  journal: Journal,
  id: string,
  caller: Caller,
  kind: OperationKind,
  now: number,
): Promise<FoundPlan> {
  const kept = await journal.read(operationOf(id));
  const told = kept?.events.find((event) => event.is === 'planned');
  const planned = told?.preview.plan;
  if (!kept || planned?.id !== id || Date.parse(planned.expiresAt) <= now) throw planGone(id);
  const { operation, events } = kept;
  if (operation.requestedBy !== caller.name) throw planGone(id);
  if (operation.kind !== kind) throw planOfAnotherKind(id, operation.kind);
  if (await journal.held('plan', id, now)) throw planGone(id);
  const victims = new Map<string, ListedItem[]>();
  const nodes = new Map<string, (string | null)[]>();
  let byFilter = false;
  for (const event of events) {
    if (event.is !== 'listed') continue;
    byFilter ||= kind === 'processes.kill' && !event.named;
    nodes.set(event.target, [...(nodes.get(event.target) ?? []), event.node]);
    const found = event.items.filter((item) => item.outcome === 'wouldEnd');
    victims.set(event.target, [...(victims.get(event.target) ?? []), ...found]);
  }
  return {
    plan: { id, expiresAt: Date.parse(planned.expiresAt), victims, byFilter, nodes },
    targets: operation.targets
      .filter(({ status, planNote }) => status === undefined && planNote === undefined)
      .map(({ target }) => target),
    mode: operation.mode ?? 'graceful',
    ...(told?.requireAll ? { requireAll: true } : {}),
    written: told?.written ?? {},
  };
}

function planOfAnotherKind(id: string, kind: OperationKind): Failure {
  const call = kind === 'processes.kill' ? 'DELETE /processes' : 'POST /sessions/flush';
  return new Failure('plan-gone', `The plan "${id}" is one of another kind (${kind}): it is used with ${call}.`);
}
