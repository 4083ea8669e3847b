import type { OperationEvent, Prepared } from '../../core/model/event.js';
import { Failure } from '../../core/model/failure.js';
import { fold } from '../../core/record/fold.js';
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
  type Viewer,
} from '../../core/record/journal.js';
import type { Operation } from '../../core/model/operation.js';
import { Unavailable, type Database, type Row, type Step, type Written } from '../database.js';
import type { Dialect } from './dialect.js';
import { listStatement, type Sights } from './list.js';
import { appendSteps, heldOf, openingAtOnce, openingSteps, refusal } from './operation-steps.js';
import { storable, type Statement, type Values } from './statement.js';
import { statementsFor, type Statements } from './statements.js';

/** How many operations are remembered of which nobody can say whether they began: the newest. The keeper has the oldest. */
const doubtsKept = 1000;

/** Keeps operations in the tables of an engine. */
export class SqlJournal implements Journal {
  readonly #database: Database;
  readonly #dialect: Dialect;
  readonly #sql: Statements;
  /** May have begun, although their callers were told that they did not: nobody works on them, so nobody renews them. */
  readonly #doubtful = new Set<string>();

  constructor(database: Database, dialect: Dialect) {
    this.#database = database;
    this.#dialect = dialect;
    this.#sql = statementsFor(dialect);
  }

  async open(first: Prepared, terms: Terms, lease: Lease): Promise<Opened> {
    const { id } = first.header;
    const steps = openingSteps(this.#sql, first, terms, lease);
    const atOnce = openingAtOnce(this.#sql, this.#dialect, first, terms, lease);
    try {
      let written = atOnce && (await this.#database.write([atOnce]));
      // If that was refused, nothing was written: the longer way, whose locks hold still what tells why, tells it.
      if (!written || written.is === 'refused') written = await this.#database.write(steps);
      if (written.is === 'conflict') throw new TypeError(`There is an operation ${id} already.`);
      if (written.is === 'refused') return refusal(steps[written.step], written.rows, first.at);
      return { is: 'opened' };
    } catch (thrown) {
      if (thrown instanceof Unavailable && thrown.isUnsure) this.#doubt(id);
      throw told(thrown);
    }
  }

  async append(operation: string, owner: string, entry: Entry): Promise<void> {
    const written = await this.#write(appendSteps(this.#sql, this.#dialect, operation, owner, entry));
    if (written.is === 'refused') throw new LeaseLost(operation);
  }

  async read(operation: string): Promise<Kept | undefined> {
    const [row] = await this.#read(this.#sql.operation({ operation: storable(operation) }));
    if (!row) return undefined;
    const events = eventsOf(row);
    return { events, operation: operationOf(row, events) };
  }

  async list(query: OperationQuery): Promise<readonly Operation[]> {
    if (query.targets?.length === 0) return [];
    const sights = query.viewer ? await this.#sightsOf(query.viewer, query.targets) : null;
    const found: Operation[] = [];
    let { after } = query;
    for (;;) {
      const limit = query.limit - found.length;
      const page = { ...query, limit, ...(after === undefined ? {} : { after }) };
      const rows = await this.#read(listStatement(this.#dialect, page, sights));
      const operations = rows.map((row) => operationOf(row));
      // A row says `running` until the operation is closed, its events may say more already.
      found.push(...operations.filter(({ state }) => query.state === undefined || state === query.state));
      after = operations.at(-1)?.id;
      if (rows.length < limit || found.length >= query.limit) return found;
    }
  }

  /** What a viewer sees; null if that is everything. */
  async #sightsOf({ name, operates }: Viewer, asked?: readonly string[]): Promise<Sights | null> {
    const all = asked ?? (await this.#read(this.#sql.targetNames({}))).map(({ target }) => String(target));
    const targets = all.filter(operates);
    if (targets.length < all.length) return { madeBy: name, targets };
    return asked ? { madeBy: null, targets } : null;
  }

  async held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    const [row] = await this.#read(this.#sql.held({ scope, name: storable(name), now }));
    return row && heldOf(row, now);
  }

  async spent(target: string, now: number): Promise<number> {
    const kills = await this.#read(this.#sql.kills({ target: storable(target), now }));
    return kills.reduce((sum, { count }) => sum + Number(count), 0);
  }

  async renew(lease: Lease): Promise<void> {
    await this.#write([{ statement: this.#sql.renew(this.#leaseValues(lease)) }]);
  }

  async adopt(lease: Lease, limit: number): Promise<readonly string[]> {
    const values = { ...this.#leaseValues(lease), limit };
    // What this process works on is not up for adoption, even if it was kept from saying so in time.
    const written = await this.#write([
      { statement: this.#sql.renew(values) },
      { statement: this.#sql.adopt(values), gives: true },
    ]);
    const ids = rowsOf(written).map(({ id }) => String(id));
    for (const id of ids) this.#doubtful.delete(id);
    return ids.toSorted();
  }

  async unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#read(this.#sql.unsettled({ since }));
    return new Map(rows.map(({ target, count }) => [String(target), Number(count)]));
  }

  async prune(before: number, now: number, limit: number): Promise<number> {
    const sql = this.#sql;
    const old = await this.#read(sql.old({ before, limit }));
    if (old.length > 0) {
      // What is over stays over: nothing can be added between the reading and the deleting.
      const ids = { ids: JSON.stringify(old.map(({ id }) => id)) };
      const tables = [sql.deleteProcesses, sql.deleteTargets, sql.deleteEvents, sql.deleteOperations];
      await this.#write(tables.map((statement) => ({ statement: statement(ids) })));
    }
    const deleted = [old.length];
    for (const statement of [sql.deleteAbandoned, sql.deleteExpired, sql.deleteKills]) {
      const written = await this.#write([{ statement: statement({ now, limit }), gives: true }]);
      deleted.push(rowsOf(written).length);
    }
    return Math.max(...deleted);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #leaseValues({ owner, now, until }: Lease): Values {
    return { owner: storable(owner), now, leaseMs: until - now, doubtful: JSON.stringify([...this.#doubtful]) };
  }

  #doubt(id: string): void {
    this.#doubtful.add(id);
    const [oldest] = this.#doubtful;
    if (this.#doubtful.size > doubtsKept && oldest !== undefined) this.#doubtful.delete(oldest);
  }

  #read(statement: Statement): Promise<readonly Row[]> {
    return this.#do(() => this.#database.read(statement));
  }

  #write(steps: readonly Step[]): Promise<Written> {
    return this.#do(() => this.#database.write(steps));
  }

  async #do<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      throw told(thrown);
    }
  }
}

function rowsOf(written: Written): readonly Row[] {
  return written.is === 'written' ? written.rows : [];
}

/** The events of the bodies that a row holds, joined by commas. */
function eventsOf(row: Row): readonly OperationEvent[] {
  return typeof row['bodies'] === 'string' ? (JSON.parse(`[${row['bodies']}]`) as OperationEvent[][]).flat() : [];
}

/** How the operation of a row stands: as it was written, or else by its events. */
function operationOf(row: Row, events?: readonly OperationEvent[]): Operation {
  return typeof row['record'] === 'string' ? (JSON.parse(row['record']) as Operation) : fold(events ?? eventsOf(row));
}

/** What callers are told of an engine that cannot be used. */
function told(thrown: unknown): unknown {
  if (!(thrown instanceof Unavailable)) return thrown;
  return new Failure('store-unavailable', 'The record of operations cannot be written or read at the moment.', {
    cause: thrown,
    isUnsure: thrown.isUnsure,
  });
}
