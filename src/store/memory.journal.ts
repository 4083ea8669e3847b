import type { OperationEvent, Prepared } from '../core/event.js';
import { fold } from '../core/fold.js';
import {
  LeaseLost,
  type Claim,
  type Entry,
  type Held,
  type Journal,
  type Kept,
  type Lease,
  type Opened,
  type OperationQuery,
  type Terms,
} from '../core/journal.js';
import type { Operation } from '../core/operation.js';

/** How many operations that are over are kept. */
const kept = 10_000;
const budgetMs = 60_000;

interface Row {
  readonly events: OperationEvent[];
  record: Operation | null;
  owner: string | null;
  until: number;
}

/** Keeps operations in memory: the newest, and all that are not over. They are gone with the process. */
export class MemoryJournal implements Journal {
  readonly #rows = new Map<string, Row>();
  readonly #over = new Set<string>();
  readonly #claims = new Map<string, Held>();
  readonly #kills = new Map<string, { readonly at: number; readonly count: number }[]>();
  readonly #kept: number;

  constructor(most = kept) {
    this.#kept = most;
  }

  open(first: Prepared, { claims, spending }: Terms, { owner, until }: Lease): Promise<Opened> {
    for (const { scope, name } of claims) {
      const held = this.#held(scope, name, first.at);
      if (held) return Promise.resolve({ is: 'held', held });
    }
    for (const { target, count, perMinute } of spending) {
      const left = perMinute - this.#spent(target, first.at);
      if (count > left) {
        const retryAfterMs = this.#enoughIn(target, count - left, first.at);
        return Promise.resolve({ is: 'spent', target, left, retryAfterMs: count > perMinute ? null : retryAfterMs });
      }
    }
    const operation = first.header.id;
    for (const claim of claims) this.#claims.set(keyOf(claim.scope, claim.name), { ...claim, operation });
    for (const { target, count } of spending) this.#killsOf(target, first.at).push({ at: first.at, count });
    this.#rows.set(operation, { events: [first], record: null, owner, until });
    return Promise.resolve({ is: 'opened' });
  }

  append(operation: string, owner: string, { from, events, record, isOver }: Entry): Promise<void> {
    const row = this.#rows.get(operation);
    if (row?.owner !== owner) return Promise.reject(new LeaseLost(operation));
    row.events.push(...events.slice(row.events.length - from));
    if (record) {
      row.record = record;
      for (const [key, claim] of this.#claims) {
        if (claim.scope === 'flush' && claim.operation === operation) this.#claims.delete(key);
      }
    }
    if (isOver) {
      row.owner = null;
      this.#over.add(operation);
      const [oldest] = this.#over;
      if (this.#over.size > this.#kept && oldest !== undefined) this.#drop(oldest);
    }
    return Promise.resolve();
  }

  read(operation: string): Promise<Kept | undefined> {
    const row = this.#rows.get(operation);
    return Promise.resolve(row && { events: row.events, operation: row.record ?? fold(row.events) });
  }

  list({ limit, ...query }: OperationQuery): Promise<readonly Operation[]> {
    const found: Operation[] = [];
    for (const id of [...this.#rows.keys()].toSorted().toReversed()) {
      if (found.length === limit) break;
      const row = this.#rows.get(id);
      const operation = row && (row.record ?? fold(row.events));
      if (operation && row && fits(operation, row.events, query)) found.push(operation);
    }
    return Promise.resolve(found);
  }

  held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    return Promise.resolve(this.#held(scope, name, now));
  }

  spent(target: string, now: number): Promise<number> {
    return Promise.resolve(this.#spent(target, now));
  }

  renew({ owner, until }: Lease): Promise<void> {
    for (const row of this.#rows.values()) if (row.owner === owner) row.until = until;
    return Promise.resolve();
  }

  adopt({ owner, until }: Lease, now: number, limit: number): Promise<readonly string[]> {
    const found = [...this.#rows].filter(([, row]) => row.owner !== null && row.until <= now).slice(0, limit);
    for (const [, row] of found) Object.assign(row, { owner, until });
    return Promise.resolve(found.map(([id]) => id));
  }

  unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { record } of this.#rows.values()) {
      if (!record || record.dryRun || Date.parse(record.createdAt) < since) continue;
      for (const { target, state } of record.targets)
        if (state === 'unknown') counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    return Promise.resolve(counts);
  }

  prune(before: number, now: number, limit: number): Promise<number> {
    const old = [...this.#over].filter((id) => {
      const record = this.#rows.get(id)?.record;
      return record && Date.parse(record.createdAt) < before;
    });
    for (const id of old.slice(0, limit)) this.#drop(id);
    for (const [key, { expiresAt }] of this.#claims) if (expiresAt <= now) this.#claims.delete(key);
    return Promise.resolve(Math.min(old.length, limit));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #drop(operation: string): void {
    this.#over.delete(operation);
    this.#rows.delete(operation);
  }

  #held(scope: Claim['scope'], name: string, now: number): Held | undefined {
    const held = this.#claims.get(keyOf(scope, name));
    return held && held.expiresAt > now ? held : undefined;
  }

  #killsOf(target: string, now: number): { readonly at: number; readonly count: number }[] {
    const recent = (this.#kills.get(target) ?? []).filter(({ at }) => at > now - budgetMs);
    this.#kills.set(target, recent);
    return recent;
  }

  #spent(target: string, now: number): number {
    return this.#killsOf(target, now).reduce((sum, { count }) => sum + count, 0);
  }

  /** Milliseconds until so many kills have been forgotten. */
  #enoughIn(target: string, missing: number, now: number): number {
    let freed = 0;
    for (const { at, count } of this.#killsOf(target, now)) {
      freed += count;
      if (freed >= missing) return at + budgetMs - now;
    }
    return budgetMs;
  }
}

const keyOf = (scope: Claim['scope'], name: string): string => `${scope} ${name}`;

function fits(operation: Operation, events: readonly OperationEvent[], query: Omit<OperationQuery, 'limit'>): boolean {
  const { targets, kind, state, requestedBy, requestId, processId, since, until, after } = query;
  const createdAt = Date.parse(operation.createdAt);
  return (
    !operation.dryRun &&
    (targets === undefined || operation.targets.some(({ target }) => targets.includes(target))) &&
    (kind === undefined || operation.kind === kind) &&
    (state === undefined || operation.state === state) &&
    (requestedBy === undefined || operation.requestedBy === requestedBy) &&
    (requestId === undefined || operation.requestId === requestId) &&
    (processId === undefined ||
      events.some((event) => event.is === 'listed' && event.items.some(({ id }) => id === processId))) &&
    (since === undefined || createdAt >= since) &&
    (until === undefined || createdAt < until) &&
    (after === undefined || operation.id < after)
  );
}
