import type { OperationEvent } from '../../core/model/event.js';
import { fold } from '../../core/record/fold.js';
import type { Operation } from '../../core/model/operation.js';
import type { Row } from '../database.js';

/** The events of the bodies that a row holds, joined by commas. */
export function eventsOf(row: Row): readonly OperationEvent[] {
  return typeof row['bodies'] === 'string' ? (JSON.parse(`[${row['bodies']}]`) as OperationEvent[][]).flat() : [];
}

/** How the operation of a row stands: as it was written, or else by its events. */
export function operationOf(row: Row, events: () => readonly OperationEvent[]): Operation {
  return typeof row['record'] === 'string' ? (JSON.parse(row['record']) as Operation) : fold(events());
}
