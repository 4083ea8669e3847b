import type { OperationEvent } from '../../core/model/event.js';
import type { Operation } from '../../core/model/operation.js';
import { fold } from '../../core/record/fold.js';
import type { StoredOperation } from '../../core/record/journal.js';
import type { Row } from '../database.js';
import { storable } from './statement.js';
import type { Statements } from './statements.js';
import type { Tables } from './tables.js';

/** The events of the bodies that a row holds, joined by commas. */
export function eventsOf(row: Row): readonly OperationEvent[] {
  return typeof row['bodies'] === 'string' ? (JSON.parse(`[${row['bodies']}]`) as OperationEvent[][]).flat() : [];
}

/** The record of a row, if it was written. */
export function storedRecordOf(row: Row): Operation | undefined {
  return typeof row['record'] === 'string' ? (JSON.parse(row['record']) as Operation) : undefined;
}

/** An operation as it is kept; undefined if there is none. */
export async function readOperation(tables: Tables, sql: Statements, id: string): Promise<StoredOperation | undefined> {
  const [row] = await tables.read('read', sql.operation({ operation: storable(id) }));
  if (!row) return undefined;
  const events = eventsOf(row);
  return { events, operation: storedRecordOf(row) ?? fold(events) };
}
