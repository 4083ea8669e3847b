import { idKey } from '../../core/model/ids.js';
import type { OperationEvent, Prepared } from '../../core/model/event.js';
import { fold } from '../../core/record/fold.js';
import type { CancelRequest } from '../../core/record/brakes.js';
import type { Claim, Entry, StoredOperation, Lease, OperationQuery, Viewer } from '../../core/record/journal.js';
import type { Operation, OperationHeader } from '../../core/model/operation.js';

/**
 * An operation in memory. Once it is over nothing is left of it but what finds it and the JSON of its events: a third
 * of the room, and one thing instead of a hundred for the garbage collector to follow.
 */
export class KeptOperation {
  readonly header: OperationHeader;
  /** Null once it is over. */
  lease: Lease | null;
  claims: readonly Claim[];
  /** Until when it waits for somebody's approval; null if it does not. */
  awaitsUntil: number | null = null;
  /** Who asked that nothing more of it be sent. */
  cancel: CancelRequest | undefined;
  readonly #targets: readonly string[];
  /** None once it is over. */
  #events: OperationEvent[];
  #record: Operation | null = null;
  #text = '';
  /** Of its record, once there is one. */
  #state: Operation['state'] | null = null;
  #unknown: readonly string[] = [];

  constructor(first: Prepared, lease: Lease, claims: readonly Claim[]) {
    this.header = first.header;
    this.lease = lease;
    this.claims = claims;
    this.#targets = first.targets.map(({ target }) => target);
    this.#events = [first];
  }

  /** Nothing more is sent for it. */
  get isClosed(): boolean {
    return this.isOver || this.#record !== null;
  }

  get isOver(): boolean {
    return this.lease === null;
  }

  /** How many characters the JSON of its events takes; none before it is over. */
  get size(): number {
    return this.#text.length;
  }

  /** The targets that its record tells to be unknown. */
  get unknown(): readonly string[] {
    return this.#unknown;
  }

  /** Waits for somebody's approval: this is all that is written of it until then. */
  await(until: number, entry: Entry): void {
    this.awaitsUntil = until;
    this.append(entry);
  }

  /** Waits no longer: somebody works on it from now on. */
  reopen(lease: Lease, events: readonly OperationEvent[], claims: readonly Claim[]): void {
    this.claims = [...this.claims, ...claims];
    this.#events = [...(JSON.parse(this.#text) as OperationEvent[]), ...events];
    this.#text = '';
    this.#state = null;
    this.lease = lease;
    this.awaitsUntil = null;
  }

  /** Waits no longer: it is not carried out. */
  closeUnapproved(events: readonly OperationEvent[], record: Operation): void {
    this.#text = JSON.stringify([...(JSON.parse(this.#text) as OperationEvent[]), ...events]);
    this.#state = record.state;
    this.awaitsUntil = null;
  }

  append({ from, events, record, isOver }: Entry): void {
    // A try that comes after what followed it changes nothing.
    if (from + events.length < this.#events.length) return;
    this.#events.splice(from, this.#events.length - from, ...events);
    if (record) {
      this.#record = record;
      this.#state = record.state;
      this.#unknown = record.targets.filter(({ state }) => state === 'unknown').map(({ target }) => target);
    }
    if (isOver) this.#end();
  }

  #end(): void {
    this.lease = null;
    this.#text = JSON.stringify(this.#events);
    this.#events = [];
    this.#record = null;
  }

  read(): StoredOperation {
    const events = this.isOver ? (JSON.parse(this.#text) as OperationEvent[]) : [...this.#events];
    return { events, operation: this.#record ?? fold(events) };
  }

  /** Milliseconds since the epoch. */
  get createdAt(): number {
    return Date.parse(this.header.createdAt);
  }

  /** Is it one of those that are asked for? */
  fits({ viewer, targets, kind, state, requestedBy, requestId, processId, since, until }: OperationQuery): boolean {
    return (
      (targets === undefined || this.#targets.some((target) => targets.includes(target))) &&
      (viewer === undefined || this.#isSeenBy(viewer, targets)) &&
      (kind === undefined || this.header.kind === kind) &&
      (requestedBy === undefined || this.header.requestedBy === requestedBy) &&
      (requestId === undefined || this.header.requestId === requestId) &&
      (since === undefined || this.createdAt >= since) &&
      (until === undefined || this.createdAt < until) &&
      (state === undefined || (this.#state ?? this.read().operation.state) === state) &&
      (processId === undefined || this.#isAbout(processId))
    );
  }

  #isSeenBy({ name, operates }: Viewer, asked = this.#targets): boolean {
    return this.header.requestedBy === name || this.#targets.some((one) => asked.includes(one) && operates(one));
  }

  #isAbout(processId: string): boolean {
    const key = idKey(processId);
    // Whose id has one spelling is named in the text, or nowhere.
    if (this.isOver && key === processId && !this.#text.includes(JSON.stringify(key))) return false;
    return this.read().events.some(
      (event) => (event.is === 'listed' || event.is === 'proposed') && event.items.some(({ id }) => idKey(id) === key),
    );
  }
}
