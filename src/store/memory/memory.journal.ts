import { mayComeAgain } from '../../core/record/cause.js';
import type { Prepared } from '../../core/model/event.js';
import type { CancelRequest } from '../../core/record/brakes.js';
import { summaryOf } from '../../core/record/summary.js';
import {
  LeaseLost,
  requestKeptMs,
  type Claim,
  type Entry,
  type Held,
  type Journal,
  type StoredOperation,
  type Lease,
  type OpenResult,
  type OperationQuery,
  type Terms,
} from '../../core/record/journal.js';
import type { Pruned, Retention, Usage } from '../../core/record/retention.js';
import type { WrittenListener } from '../../core/record/written.js';
import type { Operation } from '../../core/model/operation.js';
import { KeptOperation } from './kept-operation.js';
import { MemoryAcknowledgements } from './memory.acknowledgements.js';
import { MemoryApprovals } from './memory.approvals.js';
import { MemoryRefused } from './memory.refused.js';
import { MemoryBrakes } from './memory.brakes.js';
import { MemoryOutbox } from './memory.outbox.js';
import { MemoryClaims } from './memory.claims.js';
import { takeTerms } from './take-terms.js';
import { MemoryKills } from './memory.kills.js';
import { Over } from './over.js';

/** So many claims of operations that were let go are kept for each operation that is. */
const claimsEach = 4;

/** Keeps operations in memory: the newest, and all that are not over. They are gone with the process. */
export class MemoryJournal implements Journal {
  readonly #operations = new Map<string, KeptOperation>();
  readonly brakes = new MemoryBrakes(this.#operations);
  readonly outbox = new MemoryOutbox();
  readonly approvals = new MemoryApprovals(this.#operations, {
    take: (id, terms, at) => takeTerms(this.#claims, this.#kills, id, terms, at),
    over: () => this.#over,
    outbox: this.outbox,
  });
  readonly refused = new MemoryRefused();
  readonly acknowledgements = new MemoryAcknowledgements();
  readonly #over: Over;
  readonly #claims: MemoryClaims;
  readonly #kills = new MemoryKills();

  constructor(most = 10_000, onWritten?: WrittenListener) {
    this.#over = new Over(most, onWritten);
    this.#claims = new MemoryClaims(most * claimsEach);
  }

  open(first: Prepared, terms: Terms, lease: Lease): Promise<OpenResult> {
    const { id } = first.header;
    if (this.#operations.has(id)) return Promise.reject(new TypeError(`There is an operation ${id} already.`));
    return Promise.resolve(this.#open(first, terms, lease));
  }

  /** Nothing may come between looking and taking. */
  #open(first: Prepared, terms: Terms, lease: Lease): OpenResult {
    const { id, requestedBy } = first.header;
    const refusal = takeTerms(this.#claims, this.#kills, id, terms, first.at);
    if (refusal) return refusal;
    const own = new KeptOperation(first, lease, terms.claims);
    this.#operations.set(id, own);
    this.outbox.keep(terms.notices);
    if (!terms.awaiting) return { is: 'opened' };
    own.await(lease.until, terms.awaiting);
    this.#over.add(id, own.size, requestedBy);
    return { is: 'opened' };
  }

  append(operation: string, owner: string, entry: Entry): Promise<CancelRequest | undefined> {
    const own = this.#operations.get(operation);
    if (own?.lease?.owner !== owner) return Promise.reject(new LeaseLost(operation));
    own.append(entry);
    this.outbox.keep(entry.notices);
    if (own.isOver) {
      this.#over.add(operation, own.size, own.header.requestedBy);
      for (let id = this.#over.tooMuch(); id !== undefined; id = this.#over.tooMuch()) this.#forget(id);
    }
    this.#giveBack(operation, own, entry);
    return Promise.resolve(own.cancel);
  }

  read(operation: string): Promise<StoredOperation | undefined> {
    return Promise.resolve(this.#operations.get(operation)?.read());
  }

  list(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#list(query, (operation) => operation);
  }

  summaries(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#list(query, summaryOf);
  }

  #list(query: OperationQuery, told: (operation: Operation) => Operation): Promise<readonly Operation[]> {
    const found: Operation[] = [];
    for (const id of [...this.#operations.keys()].toSorted().toReversed()) {
      if (found.length >= query.limit) break;
      if (query.after !== undefined && id >= query.after) continue;
      const own = this.#operations.get(id);
      if (own?.header.dryRun === (query.dryRun ?? false) && own.fits(query)) found.push(told(own.read().operation));
    }
    return Promise.resolve(found);
  }

  held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    return Promise.resolve(this.#claims.held(scope, name, now));
  }

  spent(target: string, now: number): Promise<number> {
    return Promise.resolve(this.#kills.count(target, now));
  }

  renew(lease: Lease): Promise<void> {
    for (const own of this.#operations.values()) if (own.lease?.owner === lease.owner) own.lease = lease;
    return Promise.resolve();
  }

  adopt(lease: Lease, limit: number): Promise<readonly string[]> {
    // What this process works on is not up for adoption, even if it was kept from saying so in time.
    for (const own of this.#operations.values()) if (own.lease?.owner === lease.owner) own.lease = lease;
    const due = [...this.#operations].filter(([, own]) => own.lease !== null && own.lease.until <= lease.now);
    const taken = due.toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(0, limit);
    for (const [, own] of taken) own.lease = lease;
    return Promise.resolve(taken.map(([id]) => id));
  }

  unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const [id, { header, unknown }] of this.#operations) {
      if (unknown.length === 0 || this.acknowledgements.has(id) || Date.parse(header.createdAt) < since) continue;
      for (const target of unknown) counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    return Promise.resolve(counts);
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  usage(): Promise<Usage> {
    const all = [...this.#operations.values()].map(({ createdAt }) => createdAt);
    const oldestAt = all.length === 0 ? null : all.reduce((oldest, at) => Math.min(oldest, at));
    return Promise.resolve({ operations: all.length, bytes: this.#over.characters, oldestAt });
  }

  prune({ now, before, dryRunsBefore }: Retention, limit: number): Promise<Pruned> {
    const old = this.#over.ids.filter((id) => {
      const own = this.#operations.get(id);
      return !own || own.createdAt < (own.header.dryRun ? Math.max(before, dryRunsBefore) : before);
    });
    for (const id of old.slice(0, limit)) this.#forget(id);
    this.brakes.prune(now);
    this.refused.prune({ now, before });
    const expired = this.#claims.prune(({ scope, operation, expiresAt }) => {
      const own = this.#operations.get(operation);
      return expiresAt <= now || (scope === 'flush' && !own?.lease);
    }, limit);
    this.#kills.prune(now);
    return Promise.resolve({ operations: Math.min(limit, old.length), isDone: Math.max(old.length, expired) < limit });
  }

  pruneOldest(bytes: number, limit: number): Promise<number> {
    const aim = this.#over.characters - bytes;
    let deleted = 0;
    for (const id of this.#over.ids.slice(0, limit)) {
      if (this.#over.characters <= aim) break;
      this.#forget(id);
      deleted += 1;
    }
    return Promise.resolve(deleted);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #forget(id: string): void {
    this.acknowledgements.forget(id);
    this.#claims.orphan(this.#operations.get(id)?.claims ?? [], id);
    this.#over.delete(id);
    this.#operations.delete(id);
  }

  #giveBack(operation: string, { claims }: KeptOperation, { record, isOver, freed = [], used = [] }: Entry): void {
    const isAll = record !== undefined && mayComeAgain(record);
    const isEnd = record !== undefined || isOver;
    const given = claims.filter(({ scope, name }) => isAll || (scope === 'flush' && (isEnd || freed.includes(name))));
    this.#claims.giveBack(given, operation);
    if (record?.endedAt) this.#claims.letGo(claims, operation, Date.parse(record.endedAt) + requestKeptMs);
    for (const { target, count } of used) this.#kills.giveBack(operation, target, count);
  }
}
