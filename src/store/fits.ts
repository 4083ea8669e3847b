import type { OperationEvent } from '../core/event.js';
import type { OperationQuery } from '../core/journal.js';
import type { Operation } from '../core/operation.js';

/** Is an operation one of those that are asked for? */
export function fits(query: OperationQuery, operation: Operation, events: readonly OperationEvent[]): boolean {
  const { targets, kind, state, requestedBy, requestId, processId, since, until } = query;
  const createdAt = Date.parse(operation.createdAt);
  return (
    (targets === undefined || operation.targets.some(({ target }) => targets.includes(target))) &&
    (kind === undefined || operation.kind === kind) &&
    (state === undefined || operation.state === state) &&
    (requestedBy === undefined || operation.requestedBy === requestedBy) &&
    (requestId === undefined || operation.requestId === requestId) &&
    (since === undefined || createdAt >= since) &&
    (until === undefined || createdAt < until) &&
    (processId === undefined ||
      events.some((event) => event.is === 'listed' && event.items.some(({ id }) => id === processId)))
  );
}
