import type { OperationEvent } from '../model/event.js';
import type { Approval } from '../model/approval.js';
import type { Operation, OperationState, TargetOutcome } from '../model/operation.js';

const concluded = {
  approved: null,
  rejected: 'rejected',
  withdrawn: 'rejected',
  expired: 'expired',
} as const;

/** How an operation stands that was not approved, or not yet; null for any other. */
export function unapprovedState(events: readonly OperationEvent[]): OperationState | null {
  if (!events.some(({ is }) => is === 'awaiting')) return null;
  const decided = events.find((event) => event.is === 'decided');
  return decided ? concluded[decided.decision] : 'awaitingApproval';
}

/** A target of what waits, or was not approved. Where the vendor itself chooses, nobody knows whom it would end. */
export function unapproved(target: TargetOutcome, events: readonly OperationEvent[]): TargetOutcome {
  const state = unapprovedState(events);
  if (!state || target.state !== 'running') return target;
  const isMass = events.some((event) => event.is === 'awaiting' && event.asked.mass.includes(target.target));
  return { ...target, state, ...(isMass ? { counts: { ...target.counts, wouldEnd: null } } : {}) };
}

/** Who was asked to approve it, and what was said. */
export function approvalOf(events: readonly OperationEvent[]): Pick<Operation, 'approval'> {
  const asked = events.find((event) => event.is === 'awaiting');
  if (!asked) return {};
  const decided = events.find((event) => event.is === 'decided');
  const approval: Approval = {
    requestedAt: timeOf(asked.at),
    expiresAt: timeOf(asked.expiresAt),
    needs: asked.needs,
    decision: decided ? { is: decided.decision, at: timeOf(decided.at), by: decided.by, reason: decided.reason } : null,
  };
  return { approval };
}

/** Whom it would end stands in its record until somebody approves it: what is seen then counts. */
export function shownEvents(events: readonly OperationEvent[]): readonly OperationEvent[] {
  if (unapprovedState(events) === null) return events;
  return events.map((event) => (event.is === 'proposed' ? { ...event, is: 'listed' } : event));
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
