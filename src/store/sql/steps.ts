import { mayComeAgain } from '../../core/record/cause.js';
import type { OperationEvent, Prepared } from '../../core/model/event.js';
import type { Claim, Entry, Lease, Spending, Terms } from '../../core/record/journal.js';
import type { Operation } from '../../core/model/operation.js';
import { windowMs } from '../budget.js';
import type { Step } from '../database.js';
import { storable, type Statement } from './statement.js';
import type { Words } from './words.js';

/** A step of the beginning of an operation, and what it stands for if it can be refused. */
export interface OpeningStep extends Step {
  readonly claim?: Claim;
  readonly spending?: Spending;
}

/** What begins an operation: claims and spending first, since they may be refused, and in one order, so that no two wait for each other. */
export function openingSteps(words: Words, first: Prepared, terms: Terms, lease: Lease): readonly OpeningStep[] {
  const { header } = first;
  const { writes } = words;
  const operation = storable(header.id);
  return [
    ...terms.claims
      .toSorted(by(({ scope, name }) => `${scope} ${name}`))
      .map((claim) => claimStep(words, first, claim)),
    ...terms.spending
      .filter(({ count }) => count > 0)
      .toSorted(by(({ target }) => target))
      .flatMap((spending) => spendingSteps(words, first, spending)),
    {
      statement: writes.begin({
        id: operation,
        kind: header.kind,
        mode: header.mode,
        requestedBy: storable(header.requestedBy),
        requestId: storable(header.requestId),
        dryRun: header.dryRun ? 1 : 0,
        createdAt: Date.parse(header.createdAt),
        owner: storable(lease.owner),
        until: lease.until,
      }),
    },
    { statement: writes.add({ operation, seq: 0, body: JSON.stringify([first]) }) },
    ...asSteps(writes.targets(operation, unique(first.targets.map(({ target }) => target)))),
  ];
}

/** What adds an entry to an operation. The first step makes sure that it is the owner's. */
export function appendSteps({ writes }: Words, id: string, owner: string, entry: Entry): readonly Step[] {
  const { from: seq, events, record, isOver } = entry;
  const operation = storable(id);
  const body = JSON.stringify(events);
  const isOurs = { operation, owner: storable(owner) };
  if (record === undefined && !isOver) {
    return [
      { statement: writes.addOwned({ ...isOurs, seq, body }), must: true },
      ...asSteps(writes.processes(operation, processesOf(events))),
    ];
  }
  const statement = writes.stand({
    ...isOurs,
    seq,
    next: isOver ? null : isOurs.owner,
    isOver: isOver ? 1 : 0,
    state: record?.state ?? null,
    endedAt: record?.endedAt ? Date.parse(record.endedAt) : null,
    record: record ? JSON.stringify(record) : null,
  });
  return [
    { statement, must: true },
    { statement: writes.add({ operation, seq, body }) },
    {
      statement:
        record && mayComeAgain(record) ? writes.giveBack({ operation }) : writes.giveBackFlushes({ operation }),
    },
    ...asSteps(writes.processes(operation, processesOf(events))),
    ...asSteps(record ? settlements(writes, operation, record, events) : []),
  ];
}

function claimStep({ writes, reads }: Words, first: Prepared, claim: Claim): OpeningStep {
  const { scope, expiresAt, fingerprint } = claim;
  const name = storable(claim.name);
  const operation = storable(first.header.id);
  return {
    claim,
    statement: writes.claim({ scope, name, operation, fingerprint, expiresAt, now: first.at }),
    must: true,
    otherwise: reads.held({ scope, name, now: first.at }),
  };
}

function spendingSteps({ writes, reads }: Words, { at, header }: Prepared, spending: Spending): readonly OpeningStep[] {
  const { count, perMinute } = spending;
  const target = storable(spending.target);
  const since = at - windowMs;
  return [
    { statement: writes.lockBudget({ target }) },
    {
      spending,
      statement: writes.spend({ operation: storable(header.id), target, at, count, since, perMinute }),
      must: true,
      otherwise: reads.kills({ target, since }),
    },
  ];
}

/** Which targets are unknown. While an operation runs none is; later that may change in either direction. */
function settlements(
  writes: Words['writes'],
  operation: string,
  { targets }: Operation,
  events: readonly OperationEvent[],
): readonly Statement[] {
  const isFirst = events.some((event) => event.is === 'closed');
  return targets
    .filter(({ state }) => !isFirst || state === 'unknown')
    .map(({ target, state }) =>
      writes.settle({ operation, target: storable(target), unsettled: state === 'unknown' ? 1 : 0 }),
    );
}

function processesOf(events: readonly OperationEvent[]): readonly string[] {
  return unique(events.flatMap((event) => (event.is === 'listed' ? event.items.map(({ id }) => id) : [])));
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(storable))];
}

function asSteps(statements: readonly Statement[]): readonly Step[] {
  return statements.map((statement) => ({ statement }));
}

function by<Item>(key: (item: Item) => string): (left: Item, right: Item) => number {
  return (left, right) => (key(left) < key(right) ? -1 : 1);
}
