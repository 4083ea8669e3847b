import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import type { Journal } from '../core/record/journal.js';
import { isCompleted, type Operation } from '../core/model/operation.js';
import { Operations, type Begun } from '../core/engine/operations.js';
import { findPlan } from '../core/choose/plan.js';
import { Refusals } from '../core/model/refusals.js';
import type { MutatingRequest, Place } from '../core/model/request.js';
import type { Target } from '../core/model/target.js';
import type { Ask } from '../platform/entry/ask.js';
import { BASE_PATH } from '../platform/base-path.token.js';
import { errorsOf } from '../validation/input.js';
import { answer, askAgainSeconds } from './answer.js';
import { collect } from './collect.js';
import { readKey } from './idempotency.js';
import { JOURNAL } from './journal.token.js';
import type { OperationListQuery } from './operation-list.dto.js';
import { decodePosition, encodePosition } from './page-token.js';
import { isAsked, see, viewerOf } from './visible.js';

/** What a caller asked to be done, as it was understood and as it was written. */
export interface Asked {
  readonly request: MutatingRequest;
  /** The plan that names whom the call is about; null if the request does. */
  readonly planId: string | null;
  readonly input: readonly unknown[];
}

const defaultLimit = 100;
const largestLimit = 1000;

/** Runs mutating calls and tells how operations stand. */
@Injectable()
export class OperationsService {
  readonly #operations: Operations;
  readonly #journal: Journal;
  readonly #basePath: string;

  constructor(operations: Operations, @Inject(JOURNAL) journal: Journal, @Inject(BASE_PATH) basePath: string) {
    this.#operations = operations;
    this.#journal = journal;
    this.#basePath = basePath;
  }

  /**
   * Begins an operation, waits as long as the caller is ready to, and answers with its record. A request that came before
   * under the same key is answered with what became of that. The input is what the caller wrote.
   */
  async run(ask: Ask, refusals: Refusals, place: Place, asked: Asked): Promise<Operation> {
    const { id, isRepeated } = await this.#begin(ask, refusals, place, asked);
    ask.header('sluice-operation', id);
    if (isRepeated) ask.header('idempotent-replayed', 'true');
    else await this.#operations.wait(id, ask.waitMs - (Date.now() - ask.arrivedAt));
    const operation = await this.#find(id);
    ask.header('sluice-state', operation.state);
    ask.header('sluice-completed', String(isCompleted(operation)));
    return answer(ask, { operation, isRepeated }, `${this.#basePath}/operations/${id}`);
  }

  async #begin(ask: Ask, refusals: Refusals, place: Place, { request, planId, input }: Asked): Promise<Begun> {
    const { caller, targets, requestId, span, waitMs, arrivedAt } = ask;
    const { claim: key, errors } = readKey(ask, input, arrivedAt);
    for (const error of errors) refusals.add('invalid-request', error);
    // A request that is malformed repeats none, and has no plan.
    if (planId !== null) refusals.throwIfAny();
    const repeated = key && refusals.isEmpty ? await this.#operations.repeated(key) : undefined;
    if (repeated !== undefined) return { id: repeated, isRepeated: true };
    const bound = planId === null ? request : await this.#bind(caller, request, planId);
    const admitted = (used: readonly Target[]) => ask.draw(used.map(({ name }) => name));
    const asking = { requestId, key, ...(span ? { span } : {}), admitted, answerBy: arrivedAt + waitMs };
    return this.#operations.begin({ targets, caller, refusals, place }, bound, asking);
  }

  /** The same call, for whom a plan fixed. */
  async #bind(caller: Caller, request: MutatingRequest, planId: string): Promise<MutatingRequest> {
    const found = await findPlan(this.#journal, planId, caller, request.kind, Date.now());
    return { ...request, ...found };
  }

  /** How an operation stands, after waiting for its end as long as the caller is ready to. */
  async read(ask: Ask, id: string): Promise<Operation> {
    const visible = see(ask.caller, await this.#find(id));
    if (!visible) throw notFound(id);
    await this.#operations.wait(id, ask.waitMs, ask.gone);
    const operation = see(ask.caller, await this.#find(id)) ?? visible;
    if (operation.state === 'running') ask.header('retry-after', String(askAgainSeconds));
    return operation;
  }

  /** What was done, newest first. */
  async list(ask: Ask, query: OperationListQuery): Promise<{ items: Operation[]; nextPageToken: string | null }> {
    const refusals = new Refusals(errorsOf(query));
    const limit = query.limit === undefined ? defaultLimit : Number(query.limit);
    if (limit < 1 || limit > largestLimit) {
      refusals.add('invalid-request', { parameter: 'limit', message: `limit must be 1 to ${String(largestLimit)}.` });
    }
    const after = query.pageToken === undefined ? null : decodePosition(query.pageToken);
    if (query.pageToken !== undefined && after === null) {
      refusals.add('invalid-request', { parameter: 'pageToken', message: 'pageToken is not a token of this list.' });
    }
    refusals.throwIfAny();
    const viewer = viewerOf(ask.caller);
    const { target, kind, state, requestedBy, requestId, processId, since, until } = query;
    const page = await collect(
      (from, count) =>
        this.#journal.list({
          viewer,
          ...(target === undefined ? {} : { targets: [target] }),
          ...(kind === undefined ? {} : { kind }),
          ...(state === undefined ? {} : { state }),
          ...(requestedBy === undefined ? {} : { requestedBy }),
          ...(requestId === undefined ? {} : { requestId }),
          ...(processId === undefined ? {} : { processId }),
          ...(since === undefined ? {} : { since: Date.parse(since) }),
          ...(until === undefined ? {} : { until: Date.parse(until) }),
          ...(from === null ? {} : { after: from }),
          limit: count,
        }),
      (operation) => see(ask.caller, operation),
      (operation) => isAsked(operation, query),
      { after, limit },
    );
    return { items: page.items, nextPageToken: page.next === null ? null : encodePosition(page.next) };
  }

  async #find(id: string): Promise<Operation> {
    const operation = await this.#operations.read(id);
    if (!operation) throw notFound(id);
    return operation;
  }
}

function notFound(id: string): Failure {
  return new Failure(
    'not-found',
    `There is no operation ${JSON.stringify(id.slice(0, 64))}, or it is not yours to see.`,
  );
}
