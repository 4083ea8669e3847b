import type { OperationEvent } from '../../core/model/event.js';
import type { Operation } from '../../core/model/operation.js';
import type { Row } from '../database.js';

/** The events of the bodies that a row holds, joined by commas. */
export function eventsOf(row: Row): readonly OperationEvent[] {
  return typeof row['bodies'] === 'string' ? (JSON.parse(`[${row['bodies']}]`) as OperationEvent[][]).flat() : [];
}

/** The record of a row, if it was written. */
export function storedRecordOf(row: Row): Operation | undefined {
  return typeof row['record'] === 'string' ? (JSON.parse(row['record']) as Operation) : undefined;
}
