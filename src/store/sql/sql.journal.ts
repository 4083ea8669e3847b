import type { Prepared } from '../../core/model/event.js';
import { Failure } from '../../core/model/failure.js';
import type { Operation } from '../../core/model/operation.js';
import type { CancelRequest } from '../../core/record/brakes.js';
import {
  LeaseLost,
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
import type { Database } from '../database.js';
import { SqlApprovals } from './sql.approvals.js';
import { SqlAcknowledgements } from './sql.acknowledgements.js';
import { SqlSeals } from './sql.seals.js';
import { cancelOf, SqlBrakes } from './sql.brakes.js';
import { SqlOutbox } from './sql.outbox.js';
import type { Dialect } from './dialect.js';
import { Chains } from './chains.js';
import { Doubtful } from './doubtful.js';
import { adoptLeases, renewLeases } from './leases.js';
import { noHash } from './entry-hash.js';
import { OperationLists } from './operation-lists.js';
import { appendSteps, openingAtOnce, openingBytes, openingSteps, openingValues } from './operation-steps.js';
import { heldOf, refusal, type OpeningStep } from './term-steps.js';
import { pruneOld, pruneOldest, usageOf } from './retention.js';
import { readOperation } from './record-rows.js';
import { SqlRefused } from './sql.refused.js';
import { storable } from './statement.js';
import { statementsFor, type Statements } from './statements.js';
import { writtenRowsOf, Tables, type StoreObserver } from './tables.js';

const roomNeededBytes = 262_144;

/** Keeps operations in the tables of an engine. */
export class SqlJournal implements Journal {
  readonly brakes: SqlBrakes;
  readonly approvals: SqlApprovals;
  readonly acknowledgements: SqlAcknowledgements;
  readonly outbox: SqlOutbox;
  readonly refused: SqlRefused;
  readonly seals: SqlSeals;
  readonly #tables: Tables;
  readonly #dialect: Dialect;
  readonly #sql: Statements;
  readonly #chains: Chains;
  readonly #lists: OperationLists;
  readonly #onWritten: WrittenListener;
  readonly #doubtful = new Doubtful();

  constructor(
    database: Database,
    dialect: Dialect,
    observe: StoreObserver = () => undefined,
    onWritten: WrittenListener = () => undefined,
  ) {
    this.#onWritten = onWritten;
    this.#tables = new Tables(database, observe);
    this.#dialect = dialect;
    this.#sql = statementsFor(dialect);
    this.#lists = new OperationLists(this.#tables, dialect, this.#sql);
    this.#chains = new Chains(this.#tables, this.#sql);
    this.brakes = new SqlBrakes(this.#tables, this.#sql);
    this.outbox = new SqlOutbox(this.#tables, this.#sql);
    this.approvals = new SqlApprovals(this.#tables, this.#sql, this.#chains, this.outbox);
    this.acknowledgements = new SqlAcknowledgements(this.#tables, this.#sql);
    this.refused = new SqlRefused(this.#tables, this.#sql);
    this.seals = new SqlSeals(this.#tables, this.#sql);
  }

  async open(first: Prepared, terms: Terms, lease: Lease): Promise<OpenResult> {
    const { id } = first.header;
    const values = openingValues(first, lease);
    const { hash } = values;
    const messages = this.outbox.steps(terms.notices);
    const steps: readonly OpeningStep[] = [
      ...openingSteps(this.#sql, first, terms, values),
      ...(terms.awaiting ? appendSteps(this.#sql, this.#dialect, id, lease.owner, terms.awaiting, hash).steps : []),
      ...messages,
    ];
    const atOnce = openingAtOnce(this.#sql, this.#dialect, first, terms, values);
    try {
      let written = atOnce && (await this.#tables.write('begin', [atOnce, ...messages]));
      // If that was refused, nothing was written: the longer way, whose locks hold still what tells why, tells it.
      if (!written || written.is === 'refused') written = await this.#tables.write('begin', steps);
      if (written.is === 'conflict') throw new TypeError(`There is an operation ${id} already.`);
      if (written.is === 'refused') return refusal(steps[written.step], written.rows, first.at);
      if (!terms.awaiting) this.#chains.wrote(id, { seq: 0, before: noHash, hash });
      this.#onWritten(first.header.requestedBy, openingBytes(first));
      this.outbox.written(messages);
      return { is: 'opened' };
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.isUnsure) this.#doubtful.add(id);
      throw thrown;
    }
  }

  async append(operation: string, owner: string, entry: Entry): Promise<CancelRequest | undefined> {
    const before = this.#chains.known(operation, entry.from) ?? (await this.#chains.before(operation, entry.from));
    const { steps, bytes, hash } = appendSteps(this.#sql, this.#dialect, operation, owner, entry, before);
    const messages = this.outbox.steps(entry.notices);
    const written = await this.#tables.write('append', [...steps, ...messages]);
    const isRefused = written.is === 'refused';
    if (isRefused || entry.isOver) this.#chains.forget(operation);
    else this.#chains.wrote(operation, { seq: entry.from, before, hash });
    if (isRefused) throw new LeaseLost(operation);
    this.outbox.written(messages);
    if (entry.by !== undefined) this.#onWritten(entry.by, bytes);
    const [row] = writtenRowsOf(written);
    return row && cancelOf(row);
  }

  read(operation: string): Promise<StoredOperation | undefined> {
    return readOperation(this.#tables, this.#sql, operation);
  }

  list(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#lists.records(query);
  }

  summaries(query: OperationQuery): Promise<readonly Operation[]> {
    return this.#lists.summaries(query);
  }

  async held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    const [row] = await this.#tables.read('claims', this.#sql.held({ scope, name: storable(name), now }));
    return row && heldOf(row, now);
  }

  async spent(target: string, now: number): Promise<number> {
    const kills = await this.#tables.read('claims', this.#sql.kills({ target: storable(target), now }));
    return kills.reduce((sum, { count }) => sum + Number(count), 0);
  }

  renew(lease: Lease): Promise<void> {
    return renewLeases(this.#tables, this.#sql, lease, this.#doubtful);
  }

  adopt(lease: Lease, limit: number): Promise<readonly string[]> {
    return adoptLeases(this.#tables, this.#sql, lease, this.#doubtful, limit);
  }

  async unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#tables.read('check', this.#sql.unsettled({ since }));
    return new Map(rows.map(({ target, count }) => [String(target), Number(count)]));
  }

  async check(now: number, isLarge: boolean): Promise<void> {
    await this.#tables.change('check', this.#sql.check({ now, room: 'x'.repeat(isLarge ? roomNeededBytes : 0) }));
  }

  usage(): Promise<Usage> {
    return usageOf(this.#tables, this.#sql);
  }

  prune(retention: Retention, limit: number): Promise<Pruned> {
    return pruneOld(this.#tables, this.#sql, retention, limit);
  }

  pruneOldest(bytes: number, limit: number): Promise<number> {
    return pruneOldest(this.#tables, this.#sql, bytes, limit);
  }

  close(): Promise<void> {
    return this.#tables.close();
  }
}
