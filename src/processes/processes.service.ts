import { Readable } from 'node:stream';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { admitLook } from '../core/choose/admit.js';
import { maySeeStatements } from '../core/model/caller.js';
import type { Clock } from '../core/model/clock.js';
import type { SkippedTarget } from '../core/choose/judging.js';
import { namedOrLabelled } from '../core/choose/labelled.js';
import { lookAt, type LookedTarget } from '../core/look/look.js';
import type { Operation } from '../core/model/operation.js';
import { Engine } from '../core/engine/engine.js';
import type { Process } from '../core/model/process.js';
import { Refusals } from '../core/model/refusals.js';
import { inQuery, type LookRequest } from '../core/model/request.js';
import { OperationsService } from '../operations/operations.service.js';
import type { Ask } from '../platform/entry/ask.js';
import { CLOCK } from '../platform/clock.token.js';
import { headOf, lineOf, type LineFormat } from '../platform/http/listed.js';
import { errorsOf, isAbsent } from '../validation/input.js';
import type { KillBody, KillQuery } from './kill.dto.js';
import { readKillBody, readKillQuery, sortFacts } from './kill-request.js';
import { decodePageToken, encodePageToken } from './page-token.js';
import { processColumns } from './process-columns.js';
import type { LookDto } from './processes.dto.js';
import { RecentListings } from './recent-listings.js';
import type { LookQuery } from './selection.dto.js';
import { readSelection } from './selection.js';

const defaultLimit = 100;
const largestLimit = 10_000;
/** So many lines of a download are made at once. */
const linesAtOnce = 200;

/** Looks at processes, and kills them: the same selection for both. */
@Injectable()
export class ProcessesService implements OnModuleDestroy {
  readonly #operations: OperationsService;
  readonly #clock: Clock;
  readonly #recent: RecentListings;

  constructor(service: OperationsService, operations: Engine, @Inject(CLOCK) clock: Clock) {
    this.#operations = service;
    this.#clock = clock;
    this.#recent = new RecentListings(clock);
    operations.listeners.onTouched((target) => {
      this.#recent.forget(target);
    });
  }

  onModuleDestroy(): void {
    this.#recent.close();
  }

  async look(ask: Ask, query: LookQuery, usualLimit = defaultLimit): Promise<LookDto> {
    const { caller, requestId, gone, span, waiting } = ask;
    const { request, refusals } = readLook(ask, query, usualLimit);
    const { targets, skipped } = admitLook({ targets: ask.targets, caller, refusals }, request);
    refusals.throwIfAny();
    await ask.allowance.draw(targets.map(({ name }) => name));
    const call = { requestId, signal: gone(), deadline: Infinity, waiting, ...(span ? { span } : {}) };
    const { items, targets: seen, next } = await lookAt(targets, request, call, this.#clock, this.#recent.look);
    ask.header('sluice-completed', String(seen.every(({ status }) => status !== 'failed')));
    const silent = new Set(targets.flatMap(({ name }) => (maySeeStatements(caller, name) ? [] : [name])));
    return {
      items: items.map((process) =>
        process.statement !== null && silent.has(process.target) ? { ...process, statement: null } : process,
      ),
      targets: [...seen, ...skipped.map(tellSkipped)].toSorted(
        (one, other) => request.targets.indexOf(one.target) - request.targets.indexOf(other.target),
      ),
      nextPageToken: next ? encodePageToken(next, query) : null,
    };
  }

  /** What one look shows, each a line: made as the caller reads it. */
  async download(ask: Ask, query: LookQuery, format: LineFormat): Promise<Readable> {
    const { items, nextPageToken } = await this.look(ask, query, largestLimit);
    if (nextPageToken !== null) ask.header('sluice-completed', 'false');
    const stream = Readable.from(linesOf(items, format), { highWaterMark: 1 });
    // The time of a download is no time that Sluice adds to a request.
    void ask.waiting.during(() => new Promise<void>((resolve) => stream.once('close', resolve)));
    return stream;
  }

  kill(ask: Ask, query: KillQuery, body: KillBody): Promise<Operation> {
    const { request, refusals } = isAbsent(body) ? readKillQuery(ask, query) : readKillBody(query, body);
    const input = ['processes.kill', query, body];
    return this.#operations.run(ask, { refusals, request, planId: query.plan ?? null, input });
  }
}

function* linesOf(items: readonly Process[], format: LineFormat): Generator<string> {
  yield headOf(processColumns, format);
  for (let at = 0; at < items.length; at += linesAtOnce) {
    const some = items.slice(at, at + linesAtOnce);
    yield some.map((process) => lineOf(process, processColumns, format)).join('');
  }
}

function tellSkipped({ target, why }: SkippedTarget): LookedTarget {
  return { target, status: 'skipped', why, matched: null, connected: null, complete: false, collectedAt: null };
}

function readLook(
  ask: Ask,
  query: LookQuery,
  usualLimit: number,
): { readonly request: LookRequest; readonly refusals: Refusals } {
  const { targets: named, selection, errors } = readSelection(query);
  const refusals = new Refusals([...errorsOf(query), ...errors]);
  const chosen = namedOrLabelled({ ...ask, refusals }, inQuery, named, query.label);
  const limit = query.limit === undefined ? usualLimit : Number(query.limit);
  if (limit > largestLimit) {
    refusals.add('invalid-request', { parameter: 'limit', message: `limit must be at most ${String(largestLimit)}.` });
  }
  if (query.sort !== undefined && query.pageToken !== undefined) {
    refusals.add('invalid-request', {
      parameter: 'pageToken',
      message: 'pageToken does not go with sort, which gives one page.',
    });
  }
  const after = query.pageToken === undefined ? null : decodePageToken(query.pageToken, query);
  if (query.pageToken !== undefined && after === null) {
    refusals.add('invalid-request', { parameter: 'pageToken', message: 'pageToken is not a token of this query.' });
  }
  const sort = query.sort === undefined ? null : sortFacts[query.sort];
  const skipsInapplicable = query.inapplicable === 'skip';
  return {
    request: { ...chosen, selection, skipsInapplicable, isUnprotected: query.protected === 'none', sort, limit, after },
    refusals,
  };
}
