import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../core/model/clock.js';
import { Failure } from '../core/model/failure.js';
import type { Operation } from '../core/model/operation.js';
import { Refusals } from '../core/model/refusals.js';
import type { Journal, OperationQuery } from '../core/record/journal.js';
import { CLOCK } from '../platform/clock.token.js';
import type { Ask } from '../platform/entry/ask.js';
import { headOf, lineOf, type LineFormat } from '../platform/http/listed.js';
import { errorsOf } from '../validation/input.js';
import { withAcknowledgements } from './acknowledge.js';
import { collect, summaryDtoOf } from './collect.js';
import { JOURNAL } from './journal.token.js';
import { operationColumns } from './operation-columns.js';
import type { OperationListDto, OperationListQuery } from './operation-list.dto.js';
import { decodePosition, encodePosition } from './page-token.js';
import { seesEverything, seesOthers, tellRefused } from './refused.js';
import type { OperationSummaryDto } from './summary.dto.js';
import { isAsked, see, viewerOf } from './visible.js';

const defaultLimit = 100;
const largestLimit = 1000;
/** So many are read from the store for each piece of a download. */
const downloadedAtOnce = 200;
/** How many downloads one caller may have at once, on this replica. */
const mostDownloads = 4;
/** Longer downloads are cut. */
const longestDownloadMs = 600_000;

interface Page {
  readonly items: readonly OperationSummaryDto[];
  /** The id after which the next page begins; null if this was the last. */
  readonly next: string | null;
}

/** Where a list begins, and how many it tells; null if that was not said. */
interface Place {
  readonly after: string | null;
  readonly limit: number | null;
}

/** Lists operations, in pages or as one stream. */
@Injectable()
export class ListService {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #downloads = new Map<string, number>();

  constructor(@Inject(JOURNAL) journal: Journal, @Inject(CLOCK) clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** A page of what was done, newest first. */
  async list(ask: Ask, query: OperationListQuery): Promise<OperationListDto> {
    const { after, limit } = readPlace(query);
    const { items, next } = await this.#page(ask, query, after, limit ?? defaultLimit);
    return { items: [...items], nextPageToken: next === null ? null : encodePosition(next) };
  }

  /**
   * All that was done, newest first, each a line: read from the store as the caller reads it. What cannot be told to
   * its end breaks off.
   */
  async download(ask: Ask, query: OperationListQuery, format: LineFormat): Promise<Readable> {
    const { after, limit } = readPlace(query);
    const { name } = ask.caller;
    const underWay = this.#downloads.get(name) ?? 0;
    if (underWay >= mostDownloads) {
      throw new Failure('rate-limited', `${name} downloads ${String(mostDownloads)} lists already.`);
    }
    this.#downloads.set(name, underWay + 1);
    const leave = (): void => {
      const left = (this.#downloads.get(name) ?? 1) - 1;
      if (left === 0) this.#downloads.delete(name);
      else this.#downloads.set(name, left);
    };
    try {
      const left = limit ?? Infinity;
      // What refuses it is told as a problem, before anything is streamed.
      const first = await this.#page(ask, query, after, Math.min(left, downloadedAtOnce));
      const stream = Readable.from(this.#lines(ask, query, format, first, left), { highWaterMark: 1 });
      // The time of a download is no time that Sluice adds to a request.
      void ask.waiting.during(() => new Promise<void>((resolve) => stream.once('close', resolve)));
      stream.once('close', leave);
      return stream;
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  async *#lines(
    ask: Ask,
    query: OperationListQuery,
    format: LineFormat,
    first: Page,
    limit: number,
  ): AsyncGenerator<string> {
    const until = this.#clock.now() + longestDownloadMs;
    yield headOf(operationColumns, format);
    let left = limit;
    for (let page = first; ; page = await this.#page(ask, query, page.next, Math.min(left, downloadedAtOnce))) {
      if (page.items.length > 0) yield page.items.map((item) => lineOf(item, operationColumns, format)).join('');
      left -= page.items.length;
      if (page.next === null || left <= 0) return;
      if (this.#clock.now() >= until) throw new Failure('request-timeout', 'The download took too long.');
    }
  }

  async #page(ask: Ask, query: OperationListQuery, after: string | null, limit: number): Promise<Page> {
    if (query.refused === 'true') return this.#refused(ask, query, after, limit);
    const viewer = viewerOf(ask.caller);
    const page = await collect(
      (from, count) =>
        this.#summaries({ ...queryOf(query), viewer, ...(from === null ? {} : { after: from }), limit: count }),
      (operation) => {
        const visible = see(ask.caller, operation);
        return visible && isAsked(visible, query) ? summaryDtoOf(visible) : undefined;
      },
      { after, limit },
    );
    return { items: await withAcknowledgements(this.#journal, page.items), next: page.next };
  }

  #refused(ask: Ask, query: OperationListQuery, after: string | null, limit: number): Promise<Page> {
    const { caller, targets } = ask;
    const seesAll = seesEverything(caller, targets);
    const asked = queryOf(query);
    const madeBy = seesOthers(caller, targets) ? {} : { madeBy: caller.name };
    const dryRun = query.dryRun === 'true';
    return collect(
      (from, count) =>
        this.#journal.refused.list({
          ...asked,
          ...madeBy,
          dryRun,
          ...(from === null ? {} : { after: from }),
          limit: count,
        }),
      (call) => tellRefused(caller, call, seesAll, query),
      { after, limit },
    );
  }

  /** Whether a caller who sees only some targets sees a process, its items tell: then few records are read at once. */
  async #summaries(query: OperationQuery): Promise<readonly Operation[]> {
    if (query.processId === undefined) return this.#journal.summaries(query);
    return this.#journal.list(query);
  }
}

/** What the store is asked for. */
function queryOf(query: OperationListQuery): Omit<OperationQuery, 'limit'> {
  const { target, kind, state, requestedBy, requestId, processId, since, until, dryRun } = query;
  return {
    ...(target === undefined ? {} : { targets: [target] }),
    ...(dryRun === 'true' ? { dryRun: true } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(processId === undefined ? {} : { processId }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  };
}

/** Throws Failure `invalid-request` with all that is wrong with the query. */
function readPlace(query: OperationListQuery): Place {
  const refusals = new Refusals(errorsOf(query));
  const limit = query.limit === undefined ? null : Number(query.limit);
  if (limit !== null && (limit < 1 || limit > largestLimit)) {
    refusals.add('invalid-request', { parameter: 'limit', message: `limit must be 1 to ${String(largestLimit)}.` });
  }
  for (const parameter of ['state', 'processId'] as const) {
    if (query.refused !== 'true' || query[parameter] === undefined) continue;
    refusals.add('invalid-request', { parameter, message: `${parameter} does not go with refused.` });
  }
  const after = query.pageToken === undefined ? null : decodePosition(query.pageToken);
  if (query.pageToken !== undefined && after === null) {
    refusals.add('invalid-request', { parameter: 'pageToken', message: 'pageToken is not a token of this list.' });
  }
  refusals.throwIfAny();
  return { after, limit };
}
