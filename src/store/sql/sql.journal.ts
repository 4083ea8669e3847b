import type { Prepared } from '../../core/model/event.js';
import { Failure } from '../../core/model/failure.js';
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
import { windowMs } from '../budget.js';
import { Unavailable, type Database, type Row } from '../database.js';
import { builderFor } from './builder.js';
import { pruneDead } from '../prune.js';
import { listed, targetNames, type Sights } from './listed.js';
import type { Engine } from './schema.js';
import { compile, storable } from './statement.js';
import { appendSteps, openingSteps } from './steps.js';
import { heldOf, killsOf, refusal } from './terms.js';
import { eventsOf, operationOf } from './text.js';
import { wordsFor, type Words } from './words.js';

/** How many operations are remembered of which nobody can say whether they began: the newest. The keeper has the oldest. */
const doubtsKept = 1000;

/** Keeps operations in the tables of an engine. */
export class SqlJournal implements Journal {
  readonly #database: Database;
  readonly #builder: ReturnType<typeof builderFor>;
  readonly #words: Words;
  /** May have begun, although their callers were told that they did not: nobody works on them, so nobody renews them. */
  readonly #doubtful = new Set<string>();

  constructor(database: Database, engine: Engine) {
    this.#database = database;
    this.#builder = builderFor(engine);
    this.#words = wordsFor(this.#builder, engine);
  }

  async open(first: Prepared, terms: Terms, lease: Lease): Promise<Opened> {
    const { id } = first.header;
    const steps = openingSteps(this.#words, first, terms, lease);
    try {
      const written = await this.#database.write(steps);
      if (written.is === 'conflict') throw new TypeError(`There is an operation ${id} already.`);
      if (written.is === 'refused') return refusal(steps[written.step], written.rows, first.at);
      return { is: 'opened' };
    } catch (thrown) {
      if (thrown instanceof Unavailable && thrown.isUnsure) this.#doubt(id);
      throw told(thrown);
    }
  }

  async append(operation: string, owner: string, entry: Entry): Promise<void> {
    const written = await this.#do(() => this.#database.write(appendSteps(this.#words, operation, owner, entry)));
    if (written.is === 'refused') throw new LeaseLost(operation);
  }

  async read(operation: string): Promise<Kept | undefined> {
    const [row] = await this.#read(this.#words.reads.operation({ id: storable(operation) }));
    if (!row) return undefined;
    const events = eventsOf(row);
    return { events, operation: operationOf(row, () => events) };
  }

  async list(query: OperationQuery): Promise<readonly Operation[]> {
    if (query.targets?.length === 0) return [];
    const sights = query.viewer ? await this.#sightsOf(query.viewer, query.targets) : null;
    const found: Operation[] = [];
    let { after } = query;
    for (;;) {
      const limit = query.limit - found.length;
      const page = { ...query, limit, ...(after === undefined ? {} : { after }) };
      const rows = await this.#read(listed(this.#builder, page, sights));
      const operations = rows.map((row) => operationOf(row, () => eventsOf(row)));
      // A row says `running` until the operation is closed, its events may say more already.
      found.push(...operations.filter(({ state }) => query.state === undefined || state === query.state));
      after = operations.at(-1)?.id;
      if (rows.length < limit || found.length >= query.limit) return found;
    }
  }

  /** What a viewer sees; null if that is everything. */
  async #sightsOf({ name, operates }: Viewer, asked?: readonly string[]): Promise<Sights | null> {
    const all = asked ?? (await this.#read(targetNames())).map(({ target }) => String(target));
    const targets = all.filter(operates);
    if (targets.length < all.length) return { madeBy: name, targets };
    return asked ? { madeBy: null, targets } : null;
  }

  async held(scope: Claim['scope'], name: string, now: number): Promise<Held | undefined> {
    const [row] = await this.#read(this.#words.reads.held({ scope, name: storable(name), now }));
    return row && heldOf(row);
  }

  async spent(target: string, now: number): Promise<number> {
    const rows = await this.#read(this.#words.reads.kills({ target: storable(target), since: now - windowMs }));
    return rows.map(killsOf).reduce((sum, { count }) => sum + count, 0);
  }

  async renew(lease: Lease): Promise<void> {
    await this.#do(() => this.#database.write([{ statement: this.#renewal(lease) }]));
  }

  async adopt(lease: Lease, now: number, limit: number): Promise<readonly string[]> {
    const { adopt } = this.#words.writes;
    // What this process works on is not up for adoption, even if it was kept from saying so in time.
    const written = await this.#do(() =>
      this.#database.write([
        { statement: this.#renewal(lease) },
        { statement: adopt({ owner: storable(lease.owner), until: lease.until, now, limit }), gives: true },
      ]),
    );
    const ids = written.is === 'written' ? written.rows.map(({ id }) => String(id)).toSorted() : [];
    for (const id of ids) this.#doubtful.delete(id);
    return ids;
  }

  async unsettled(since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#read(this.#words.reads.unsettled({ since }));
    return new Map(rows.map(({ target, count }) => [String(target), Number(count)]));
  }

  prune(before: number, now: number, limit: number): Promise<number> {
    return this.#do(() => pruneDead(this.#database, this.#builder, this.#words, { before, now, limit }));
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #renewal({ owner, until }: Lease) {
    const values = { owner: storable(owner), until };
    if (this.#doubtful.size === 0) return this.#words.writes.renew(values);
    return compile(
      this.#builder
        .updateTable('operations')
        .set({ lease_until: until })
        .where('owner', '=', values.owner)
        .where('is_over', '=', 0)
        .where('id', 'not in', [...this.#doubtful]),
    );
  }

  #doubt(id: string): void {
    this.#doubtful.add(id);
    const [oldest] = this.#doubtful;
    if (this.#doubtful.size > doubtsKept && oldest !== undefined) this.#doubtful.delete(oldest);
  }

  #read(...[statement]: Parameters<Database['read']>): Promise<readonly Row[]> {
    return this.#do(() => this.#database.read(statement));
  }

  async #do<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      throw told(thrown);
    }
  }
}

/** What callers are told of an engine that cannot be used. */
function told(thrown: unknown): unknown {
  if (!(thrown instanceof Unavailable)) return thrown;
  return new Failure('store-unavailable', 'The record of operations cannot be written or read at the moment.', {
    cause: thrown,
    isUnsure: thrown.isUnsure,
  });
}
