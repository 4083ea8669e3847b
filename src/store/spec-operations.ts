import { noFacts } from '../core/model/process.js';
import type { OperationEvent, Prepared } from '../core/model/event.js';
import type { ListedItem } from '../core/model/listed-item.js';
import { fold } from '../core/record/fold.js';
import type { Claim, Entry, Journal, Lease, OpenResult, OperationQuery, Spending } from '../core/record/journal.js';
import type { OperationHeader } from '../core/model/operation.js';

/** When the operations of the specs begin. */
export const at = Date.UTC(2026, 10, 21);

/** The lease of whoever works on the operations of a spec. */
export const lease: Lease = { owner: 'me', now: at, until: at + 30_000 };

/** What is asked of an operation of a spec, beside its id. */
export interface Asked {
  readonly targets?: readonly string[];
  readonly header?: Partial<OperationHeader>;
  readonly claims?: readonly Claim[];
  readonly spending?: readonly Spending[];
  readonly lease?: Lease;
  readonly at?: number;
}

/** The first event of a flush. */
export function prepared(id: string, { targets = ['pool'], header, at: begins = at }: Asked = {}): Prepared {
  return {
    is: 'prepared',
    at: begins,
    header: {
      id,
      kind: 'sessions.flush',
      mode: 'graceful',
      dryRun: false,
      requestedBy: 'app',
      onBehalfOf: null,
      reason: null,
      requestId: 'r',
      createdAt: new Date(begins).toISOString(),
      ...header,
    },
    targets: targets.map((target) => ({ target, backend: 'spec', strategy: 'native' as const })),
    answerBy: begins + 60_000,
  };
}

/** Begins an operation. */
export function begin(journal: Journal, id: string, asked: Asked = {}): Promise<OpenResult> {
  const { claims = [], spending = [] } = asked;
  return journal.open(prepared(id, asked), { claims, spending }, asked.lease ?? lease);
}

export const ended = (target = 'pool', note: string | null = null): OperationEvent => ({
  is: 'ended',
  at: at + 5,
  target,
  note,
});

/** A look that chose these processes. */
export function listed(ids: readonly string[], target = 'pool'): OperationEvent {
  const items = ids.map((id): ListedItem => ({
    id,
    node: null,
    ...noFacts,
    user: 'somebody',
    state: 'idle',
    outcome: null,
    startedAt: null,
  }));
  return { is: 'listed', at, target, node: null, items, named: false, leftOut: 0, complete: true };
}

/** A mass call that was sent, and of which nobody heard again. */
export const started = (target = 'pool'): OperationEvent => ({
  is: 'started',
  at,
  target,
  node: null,
  call: 'flushpool',
  ids: null,
});

/** Adds events after those that are there. */
export async function add(
  journal: Journal,
  id: string,
  events: readonly OperationEvent[],
  { owner = lease.owner, ...entry }: Partial<Entry> & { readonly owner?: string } = {},
): Promise<void> {
  const from = (await journal.read(id))?.events.length ?? 1;
  await journal.append(id, owner, { from, events, isOver: false, ...entry });
}

/** Ends all that is asked of its targets, and closes an operation; over it is only where that is asked. */
export async function close(journal: Journal, id: string, entry: Partial<Entry> = {}): Promise<void> {
  const kept = await journal.read(id);
  const [first] = kept?.events ?? [];
  const targets = first?.is === 'prepared' ? first.targets : [];
  const events: OperationEvent[] = [...targets.map(({ target }) => ended(target)), { is: 'closed', at: at + 6 }];
  const record = fold([...(kept?.events ?? []), ...events]);
  await add(journal, id, events, { record, isOver: true, ...entry });
}

export async function idsOf(journal: Journal, query: Partial<OperationQuery> = {}): Promise<string[]> {
  return (await journal.list({ limit: 100, ...query })).map(({ id }) => id);
}
