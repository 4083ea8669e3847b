import type { OperationEvent } from '../../core/model/event.js';
import { idKey } from '../../core/model/ids.js';
import type { Operation } from '../../core/model/operation.js';
import type { Row } from '../database.js';
import { hashOfRecord } from '../sql/entry-hash.js';
import { storable } from '../sql/statement.js';
import type { Finding } from './findings.js';
import type { KeptEntry } from './judge-entries.js';

/** What is kept of an operation beside its events, so that it is found and shown. */
export interface KeptFacts {
  readonly row: Row;
  readonly targets: readonly string[];
  readonly processes: readonly string[];
}

/** How a finding about an operation begins. */
type FactFinding = Pick<Finding, 'what' | 'is' | 'detail'>;

/**
 * The first thing beside its events that they do not tell; null if they tell it all. What a release wrote that writes
 * no hashes is not judged.
 */
export function judgeFacts(entries: readonly KeptEntry[], { row, targets, processes }: KeptFacts): FactFinding | null {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!first || !last || first.hash === null) return null;
  const events = readEvents(entries);
  const begin = events?.[0];
  if (!events || begin?.is !== 'prepared') return changed('operation', 'Its events are not those of an operation.');
  const { header } = begin;
  const told: readonly (readonly [string, Row[string] | undefined, Row[string]])[] = [
    ['its id', row['id'], storable(header.id)],
    ['what was asked', row['kind'], header.kind],
    ['the mode', row['mode'], header.mode],
    ['who asked', row['requested_by'], storable(header.requestedBy)],
    ['the id of the request', row['request_id'], storable(header.requestId)],
    ['whether it was a dry run', row['dry_run'], header.dryRun ? 1 : 0],
    ['when it was created', row['created_at'], Date.parse(header.createdAt)],
  ];
  const wrong = told.find(([, kept, written]) => kept !== written);
  if (wrong)
    return changed(
      'operation',
      `Its row says "${String(wrong[1])}" for ${wrong[0]}, its first event "${String(wrong[2])}".`,
    );
  const named = begin.targets.map(({ target }) => storable(target));
  if (!areSame(targets, named))
    return changed('search', 'The targets that it is found by are not those of its first event.');
  const isChained = entries.every(({ hash }) => hash !== null);
  if (isChained && !areSame(processes, idsOf(events))) {
    return changed('search', 'The processes that it is found by are not those of its events.');
  }
  return last.hash === null ? null : judgeRecord(row, last.recordHash);
}

/** Undefined where they cannot be read: an entry without a hash may have become anything. */
function readEvents(entries: readonly KeptEntry[]): readonly OperationEvent[] | undefined {
  try {
    return entries.flatMap(({ body }) => JSON.parse(body) as OperationEvent[]);
  } catch {
    return undefined;
  }
}

function judgeRecord(row: Row, recordHash: string | null): FactFinding | null {
  const { record } = row;
  if (typeof record !== 'string')
    return recordHash === null ? null : { ...changed('record', 'It is not there.'), is: 'removed' };
  if (hashOfRecord(record, String(row['summary'] ?? '')) !== recordHash) {
    return changed('record', 'The record, or its summary, is not what was written with its last event.');
  }
  const { state, endedAt } = JSON.parse(record) as Operation;
  const isSame = row['state'] === state && row['ended_at'] === (endedAt === null ? null : Date.parse(endedAt));
  return isSame ? null : changed('operation', `Its row says "${String(row['state'])}", its record "${state}".`);
}

function idsOf(events: readonly OperationEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.is === 'listed' || event.is === 'proposed' ? event.items.map(({ id }) => storable(idKey(id))) : [],
  );
}

function areSame(kept: readonly string[], written: readonly string[]): boolean {
  const [one, other] = [new Set(kept), new Set(written)];
  return one.size === other.size && [...one].every((name) => other.has(name));
}

function changed(what: FactFinding['what'], detail: string): FactFinding {
  return { what, is: 'changed', detail };
}
