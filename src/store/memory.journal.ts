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
import { leftOf, windowMs, type Kills } from './budget.js';
import { fits } from './fits.js';
import { partsOf } from './parts.js';

/** How many operations that are over are kept. */
const kept = 10_000;
/** So many targets and processes each, on average: larger ones leave room for fewer. */
const partsEach = 5;

interface Own {
  readonly events: OperationEvent[];
  record: Operation | undefined;
  /** Null once it is over. */
  lease: Lease | null;
  /** The keys of its flush claims. */
  readonly flushes: readonly string[];
}

/** Keeps operations in memory: the newest, and all that are not over. They are gone with the process. */
export class MemoryJournal implements Journal {
  readonly #operations = new Map<string, Own>();
  /** In the order in which they were over. */
  readonly #over = new Set<string>();
  /** The targets and processes of those. */
  #parts = 0;
  readonly #claims = new Map<string, Held>();
  readonly #kills = new Map<string, readonly Kills[]>();
  readonly #kept: number;

  constructor(most = kept) {
    this.#kept = most;
  }

  open(first: Prepared, terms: Terms, lease: Lease): Promise<Opened> {
    const { id } = first.header;
    if (this.#operations.has(id)) return Promise.reject(new TypeError(`There is an operation ${id} already.`));
    return Promise.resolve(this.#open(first, terms, lease));
  }

  /** Nothing may come between looking and taking. */
  #open(first: Prepared, terms: Terms, lease: Lease): Opened {
    const { id } = first.header;
    for (const { scope, name } of terms.claims) {
      const held = this.#held(scope, name, first.at);
      if (held) return { is: 'held', held };
    }
    for (const { target, count, perMinute } of terms.spending) {
      const kills = this.#killsOf(target, first.at);
      const answer = leftOf(kills, count, perMinute, first.at);
      if (answer.left < count) return { is: 'spent', target, ...answer };
    }
    for (const claim of terms.claims) this.#claims.set(keyOf(claim), { ...claim, operation: id });
    for (const { target, count } of terms.spending) {
      this.#kills.set(target, [...this.#killsOf(target, first.at), { at: first.at, count }]);
    }
    const flushes = terms.claims.filter(({ scope }) => scope === 'flush').map(keyOf);
    this.#operations.set(id, { events: [first], record: undefined, lease, flushes });
    return { is: 'opened' };
  }

  append(operation: string, owner: string, { from, events, record, isOver }: Entry): Promise<void> {
    const own = this.#operations.get(operation);
    if (own?.lease?.owner !== owner) return Promise.reject(new LeaseLost(operation));
    // A try that comes after what followed it changes nothing.
    if (from + events.length < own.events.length) return Promise.resolve();
    own.events.splice(from, own.events.length - from, ...events);
    if (record) own.record = record;
    if (isOver) this.#end(operation, own);
    if (record || isOver) this.#giveBack(operation, own);
    return Promise.resolve();
  }

  read(operation: string): Promise<Kept | undefined> {
    const own = this.#operations.get(operation);
    return Promise.resolve(own && { events: [...own.events], operation: stand(own) });
  }

  list(query: OperationQuery): Promise<readonly Operation[]> {
    const ids = [...this.#operations.keys()].toSorted().toReversed();
    const found: Operation[] = [];
    for (const id of ids) {
      if (found.length >= query.limit) break;
      if (query.after !== undefined && id >= query.after) continue;
      const own = this.#operations.get(id);
      const operation = own && stand(own);
      if (operation && !operation.dryRun && fits(query, operation, own.events)) found.push(operation);
    }
    return Promise.resolve(found);
  }

  held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    return Promise.resolve(this.#held(scope, name, now));
  }

  #held(scope: Claim['scope'], name: string, now: number): Held | undefined {
    const held = this.#claims.get(keyOf({ scope, name }));
    return held && held.expiresAt > now ? held : undefined;
  }

  spent(target: string, now: number): Promise<number> {
    return Promise.resolve(this.#killsOf(target, now).reduce((sum, { count }) => sum + count, 0));
  }

  renew(lease: Lease): Promise<void> {
    this.#renew(lease);
    return Promise.resolve();
  }

  #renew(lease: Lease): void {
    for (const own of this.#operations.values()) if (own.lease?.owner === lease.owner) own.lease = lease;
  }

  adopt(lease: Lease, now: number, limit: number): Promise<readonly string[]> {
    // What this process works on is not up for adoption, even if it was kept from saying so in time.
    this.#renew(lease);
    const due = [...this.#operations].filter(([, own]) => own.lease !== null && own.lease.until <= now);
    const taken = due.toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(0, limit);
    for (const [, own] of taken) own.lease = lease;
    return Promise.resolve(taken.map(([id]) => id));
  }

  unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const unknown = [...this.#operations.values()]
      .flatMap(({ record }) => (record && Date.parse(record.createdAt) >= since ? record.targets : []))
      .filter(({ state }) => state === 'unknown');
    const counts = new Map<string, number>();
    for (const { target } of unknown) counts.set(target, (counts.get(target) ?? 0) + 1);
    return Promise.resolve(counts);
  }

  prune(before: number, now: number, limit: number): Promise<number> {
    const old = [...this.#over].filter((id) => {
      const [first] = this.#operations.get(id)?.events ?? [];
      return first?.is !== 'prepared' || Date.parse(first.header.createdAt) < before;
    });
    for (const id of old.slice(0, limit)) this.#forget(id);
    const expired = [...this.#claims].filter(([, { scope, operation, expiresAt }]) => {
      const own = this.#operations.get(operation);
      return expiresAt <= now || (scope === 'flush' && !own?.lease);
    });
    for (const [key] of expired.slice(0, limit)) this.#claims.delete(key);
    for (const target of this.#kills.keys()) {
      const kills = this.#killsOf(target, now);
      if (kills.length > 0) this.#kills.set(target, kills);
      else this.#kills.delete(target);
    }
    return Promise.resolve(Math.min(limit, Math.max(old.length, expired.length)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #killsOf(target: string, now: number): readonly Kills[] {
    return (this.#kills.get(target) ?? []).filter(({ at }) => at > now - windowMs);
  }

  #end(id: string, own: Own): void {
    own.lease = null;
    this.#over.add(id);
    this.#parts += partsOf(own.record);
    for (const oldest of this.#over) {
      if (this.#over.size <= this.#kept && (this.#parts <= this.#kept * partsEach || oldest === id)) return;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    this.#parts -= partsOf(this.#operations.get(id)?.record);
    this.#over.delete(id);
    this.#operations.delete(id);
  }

  #giveBack(operation: string, { flushes }: Own): void {
    for (const key of flushes) if (this.#claims.get(key)?.operation === operation) this.#claims.delete(key);
  }
}

function stand({ record, events }: Own): Operation {
  return record ?? fold(events);
}

function keyOf({ scope, name }: Pick<Claim, 'scope' | 'name'>): string {
  return `${scope} ${name}`;
}
