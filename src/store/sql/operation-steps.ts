import { idKey } from '../../core/model/ids.js';
import { mayComeAgain } from '../../core/record/cause.js';
import { summaryOf } from '../../core/record/summary.js';
import type { OperationEvent, Prepared } from '../../core/model/event.js';
import type { Entry, Lease, Terms } from '../../core/record/journal.js';
import type { WriteStep } from '../database.js';
import { hashOfEntry, hashOfRecord, noHash, type HashedEntry } from './entry-hash.js';
import { claimValues, termSteps, type OpeningStep } from './term-steps.js';
import type { Dialect } from './dialect.js';
import { storable, type Values } from './statement.js';
import { rowBytes, type Statements } from './statements.js';

/**
 * What begins an operation: claims and spending first, since they may be refused, and in one order, so that no two wait
 * for each other.
 */
export function openingSteps(sql: Statements, first: Prepared, terms: Terms, values: Values): readonly OpeningStep[] {
  return [
    ...termSteps(sql, terms, values, first.at),
    { statement: sql.begin(values) },
    { statement: sql.addEvents(values) },
    { statement: sql.addTargets(values) },
    { statement: sql.addUnsealed(values) },
  ];
}

/**
 * The same as one statement, where that can be: it changes no row if the operation is refused, and does not tell why.
 */
export function openingAtOnce(
  sql: Statements,
  { joins }: Dialect,
  first: Prepared,
  { claims, spending, awaiting }: Terms,
  values: Values,
): WriteStep | undefined {
  if (awaiting) return undefined;
  const [claim] = claims;
  if (!joins || !claim || claims.length > 1 || spending.some(({ count }) => count > 0)) return undefined;
  return {
    statement: sql.beginJoined({ ...values, ...claimValues(claim, first.at) }),
    must: true,
  };
}

/** About how many bytes the beginning of an operation takes. */
export function openingBytes({ targets }: Prepared): number {
  return rowBytes * (4 + targets.length);
}

/** What adds an entry to an operation, its hash, and about how many bytes it takes. */
interface Appending {
  readonly steps: readonly WriteStep[];
  readonly hash: string;
  readonly bytes: number;
}

/** What adds an entry after the one with this hash. The first step makes sure that the operation is the owner's. */
export function appendSteps(
  sql: Statements,
  dialect: Dialect,
  operation: string,
  owner: string,
  entry: Entry,
  before: string,
): Appending {
  const { events, record, isOver } = entry;
  const processes = processesOf(events);
  const body = JSON.stringify(events);
  const [text, summary] = record ? [JSON.stringify(record), JSON.stringify(summaryOf(record))] : [null, null];
  const hashes = hashesOf({ before, operation: storable(operation), seq: entry.from, body }, text, summary);
  const recordBytes = body.length + (text?.length ?? 0) + (summary?.length ?? 0);
  const values: Values = {
    operation: storable(operation),
    owner: storable(owner),
    now: events.at(-1)?.at ?? 0,
    seq: entry.from,
    body,
    ...hashes,
    processes: JSON.stringify(processes),
    next: isOver ? null : storable(owner),
    isOver: isOver ? 1 : 0,
    state: record?.state ?? null,
    endedAt: record?.endedAt ? Date.parse(record.endedAt) : null,
    record: text,
    summary,
    entryBytes: rowBytes * 5 + recordBytes,
    givesAll: record && mayComeAgain(record) ? 1 : 0,
    settles: record ? 1 : 0,
    unknown: namesOf(record?.targets.filter(({ state }) => state === 'unknown') ?? []),
  };
  return {
    hash: hashes.hash,
    steps: stepsOf(sql, dialect, values, entry, processes.length > 0),
    bytes: recordBytes + rowBytes * (1 + processes.length),
  };
}

function stepsOf(
  sql: Statements,
  { joins }: Dialect,
  values: Values,
  { record, isOver, freed = [], used = [] }: Entry,
  lists: boolean,
): readonly WriteStep[] {
  const listed = lists ? [{ statement: sql.addProcesses(values) }] : [];
  const given: readonly WriteStep[] = [
    ...(freed.length > 0 ? [{ statement: sql.freeFlushes({ ...values, freed: JSON.stringify(unique(freed)) }) }] : []),
    ...used.map(({ target, count }) => ({
      statement: sql.giveBackKills({ ...values, target: storable(target), count }),
    })),
  ];
  if (record === undefined && !isOver) {
    if (joins) return [{ statement: sql.addJoined(values), must: true, gives: true }, ...given];
    const cancel = { statement: sql.cancelRequest(values), gives: true };
    return [{ statement: sql.addOwned(values), must: true }, ...listed, ...given, cancel];
  }
  if (joins) return [{ statement: sql.standJoined(values), must: true }, ...given];
  return [
    { statement: sql.stand(values), must: true },
    { statement: sql.addEvents(values) },
    { statement: sql.giveBackClaims(values) },
    { statement: sql.letRequestGo(values) },
    ...listed,
    { statement: sql.settle(values) },
    ...given,
  ];
}

/** The hashes of an entry and of what is written with it, as statements take them. */
export function hashesOf(
  entry: Omit<HashedEntry, 'recordHash'>,
  record: string | null = null,
  summary: string | null = null,
) {
  const recordHash = record === null || summary === null ? null : hashOfRecord(record, summary);
  return { recordHash, hash: hashOfEntry({ ...entry, recordHash }) };
}

/** What the beginning of an operation writes; the hash of its first entry. */
export function openingValues(first: Prepared, lease: Lease): Values & { readonly hash: string } {
  const { header, at, targets } = first;
  const operation = storable(header.id);
  const body = JSON.stringify([first]);
  return {
    now: at,
    operation,
    kind: header.kind,
    mode: header.mode,
    requestedBy: storable(header.requestedBy),
    requestId: storable(header.requestId),
    dryRun: header.dryRun ? 1 : 0,
    createdAt: Date.parse(header.createdAt),
    owner: storable(lease.owner),
    leaseMs: lease.until - lease.now,
    seq: 0,
    body,
    ...hashesOf({ before: noHash, operation, seq: 0, body }),
    targets: namesOf(targets),
  };
}

function processesOf(events: readonly OperationEvent[]): readonly string[] {
  return unique(
    events.flatMap((event) =>
      event.is === 'listed' || event.is === 'proposed' ? event.items.map(({ id }) => idKey(id)) : [],
    ),
  );
}

function namesOf(targets: readonly { readonly target: string }[]): string {
  return JSON.stringify(unique(targets.map(({ target }) => target)));
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(storable))];
}
