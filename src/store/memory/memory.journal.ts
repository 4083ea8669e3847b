import { mayComeAgain } from '../../core/record/cause.js';
import type { Prepared } from '../../core/model/event.js';
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
} from '../../core/record/journal.js';
import type { Operation } from '../../core/model/operation.js';
import { leftOf, windowMs, type Kills } from '../budget.js';
import { KeptOperation } from './kept-operation.js';
import { MemoryClaims } from './memory.claims.js';

/** How many operations that are over are kept. */
const kept = 10_000;
/** So many characters of JSON each, on average: larger ones leave room for fewer. */
const charactersEach = 2048;
/** For each of them, so many claims of operations that were let go are kept. */
const claimsEach = 4;

/** Keeps operations in memory: the newest, and all that are not over. They are gone with the process. */
export class MemoryJournal implements Journal {
  readonly #operations = new Map<string, KeptOperation>();
  /** In the order in which they were over. */
  readonly #over = new Set<string>();
  /** Goes through those, and never to the end: the newest stays. */
  readonly #oldest = this.#over.values();
  /** The characters of those. */
  #characters = 0;
  readonly #claims: MemoryClaims;
  readonly #kills = new Map<string, readonly Kills[]>();
  readonly #kept: number;

  constructor(most = kept) {
    this.#kept = most;
    this.#claims = new MemoryClaims(most * claimsEach);
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
      const held = this.#claims.held(scope, name, first.at);
      if (held) return { is: 'held', held };
    }
    for (const { target, count, perMinute } of terms.spending) {
      const kills = this.#killsOf(target, first.at);
      const answer = leftOf(kills, count, perMinute, first.at);
      if (answer.left < count) return { is: 'spent', target, ...answer };
    }
    this.#claims.take(terms.claims, id);
    for (const { target, count } of terms.spending) {
      this.#kills.set(target, [...this.#killsOf(target, first.at), { at: first.at, count }]);
    }
    this.#operations.set(id, new KeptOperation(first, lease, terms.claims));
    return { is: 'opened' };
  }

  append(operation: string, owner: string, entry: Entry): Promise<void> {
    const own = this.#operations.get(operation);
    if (own?.lease?.owner !== owner) return Promise.reject(new LeaseLost(operation));
    own.append(entry);
    if (own.isOver) this.#end(operation, own);
    if (entry.record || entry.isOver) this.#giveBack(operation, own, entry.record);
    return Promise.resolve();
  }

  read(operation: string): Promise<Kept | undefined> {
    return Promise.resolve(this.#operations.get(operation)?.read());
  }

  list(query: OperationQuery): Promise<readonly Operation[]> {
    const ids = [...this.#operations.keys()].toSorted().toReversed();
    const found: Operation[] = [];
    for (const id of ids) {
      if (found.length >= query.limit) break;
      if (query.after !== undefined && id >= query.after) continue;
      const own = this.#operations.get(id);
      if (own && !own.header.dryRun && own.fits(query)) found.push(own.read().operation);
    }
    return Promise.resolve(found);
  }

  held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    return Promise.resolve(this.#claims.held(scope, name, now));
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

  adopt(lease: Lease, limit: number): Promise<readonly string[]> {
    // What this process works on is not up for adoption, even if it was kept from saying so in time.
    this.#renew(lease);
    const due = [...this.#operations].filter(([, own]) => own.lease !== null && own.lease.until <= lease.now);
    const taken = due.toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(0, limit);
    for (const [, own] of taken) own.lease = lease;
    return Promise.resolve(taken.map(([id]) => id));
  }

  unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { header, unknown } of this.#operations.values()) {
      if (unknown.length === 0 || Date.parse(header.createdAt) < since) continue;
      for (const target of unknown) counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    return Promise.resolve(counts);
  }

  prune(before: number, now: number, limit: number): Promise<number> {
    const old = [...this.#over].filter((id) => {
      const own = this.#operations.get(id);
      return !own || Date.parse(own.header.createdAt) < before;
    });
    for (const id of old.slice(0, limit)) this.#forget(id);
    const expired = this.#claims.prune(({ scope, operation, expiresAt }) => {
      const own = this.#operations.get(operation);
      return expiresAt <= now || (scope === 'flush' && !own?.lease);
    }, limit);
    for (const target of this.#kills.keys()) {
      const kills = this.#killsOf(target, now);
      if (kills.length > 0) this.#kills.set(target, kills);
      else this.#kills.delete(target);
    }
    return Promise.resolve(Math.min(limit, Math.max(old.length, expired)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #killsOf(target: string, now: number): readonly Kills[] {
    return (this.#kills.get(target) ?? []).filter(({ at }) => at > now - windowMs);
  }

  #end(id: string, { size }: KeptOperation): void {
    this.#over.add(id);
    this.#characters += size;
    const isFull = () => this.#over.size > this.#kept || this.#characters > this.#kept * charactersEach;
    while (this.#over.size > 1 && isFull()) {
      const { value } = this.#oldest.next();
      if (value === undefined) return;
      this.#forget(value);
    }
  }

  #forget(id: string): void {
    const { size = 0, claims = [] } = this.#operations.get(id) ?? {};
    this.#claims.orphan(claims, id);
    this.#characters -= size;
    this.#over.delete(id);
    this.#operations.delete(id);
  }

  #giveBack(operation: string, { claims }: KeptOperation, record: Operation | undefined): void {
    const isAll = record !== undefined && mayComeAgain(record);
    this.#claims.giveBack(
      claims.filter(({ scope }) => isAll || scope === 'flush'),
      operation,
    );
  }
}
