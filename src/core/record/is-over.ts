import type { OperationEvent } from '../model/event.js';

/** Is nothing more to be expected of an operation with these events? */
export function isOver(events: readonly OperationEvent[]): boolean {
  return events.some(({ is }) => is === 'over');
}
