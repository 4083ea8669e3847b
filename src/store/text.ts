import type { OperationEvent } from '../core/event.js';
import { fold } from '../core/fold.js';
import type { Entry } from '../core/journal.js';
import type { Operation } from '../core/operation.js';
import type { Row } from './database.js';

/** The events of an entry as text: the inside of a JSON list. */
export function textOf({ events }: Entry): string {
  return JSON.stringify(events).slice(1, -1);
}

/** The body of a row, from the texts of the entries that are written together. */
export function joined(texts: readonly string[]): string {
  return `[${texts.filter((text) => text !== '').join(',')}]`;
}

/** The events of the bodies that a row holds, joined by commas. */
export function eventsOf(row: Row): readonly OperationEvent[] {
  return typeof row['bodies'] === 'string' ? (JSON.parse(`[${row['bodies']}]`) as OperationEvent[][]).flat() : [];
}

/** How the operation of a row stands: as it was written, or else by its events. */
export function operationOf(row: Row, events: () => readonly OperationEvent[]): Operation {
  return typeof row['record'] === 'string' ? (JSON.parse(row['record']) as Operation) : fold(events());
}
