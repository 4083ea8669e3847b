import { Inject, Injectable } from '@nestjs/common';
import { mayChange, type Caller } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import type { Journal } from '../core/record/journal.js';
import type { Operation } from '../core/model/operation.js';
import { admitCall } from '../core/choose/admitted.js';
import { Engine } from '../core/engine/engine.js';
import { findPlan } from '../core/choose/plan.js';
import { Refusals } from '../core/model/refusals.js';
import type { MutatingRequest } from '../core/model/request.js';
import type { Ask } from '../platform/entry/ask.js';
import { BASE_PATH } from '../platform/base-path.token.js';
import { isAbsent, refuseInvalid } from '../validation/input.js';
import { mayAcknowledge, withAcknowledgements } from './acknowledge.js';
import type { CancelBody } from './cancel.dto.js';
import { answer, askAgainSeconds, tellState, toldOnce } from './answer.js';
import { ApprovalsService } from './approvals.service.js';
import { readKey } from './idempotency.js';
import { JOURNAL } from './journal.token.js';
import { notFound } from './not-found.js';
import { waitFor } from './wait-for.js';
import { besidePlan, writtenOf } from './written.js';
import { namesOf, see } from './visible.js';

/** What a caller asked to be done, as it was understood and as it was written. */
export interface AskedCall {
  readonly request: MutatingRequest;
  /** What is wrong with it so far. */
  readonly refusals: Refusals;
  /** The plan that names whom the call is about; null if the request does. */
  readonly planId: string | null;
  /** What the caller wrote: the same request is written the same. */
  readonly input: readonly unknown[];
}

/** Runs mutating calls and tells how operations stand. */
@Injectable()
export class OperationsService {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #basePath: string;
  readonly #approvals: ApprovalsService;

  constructor(
    engine: Engine,
    @Inject(JOURNAL) journal: Journal,
    @Inject(BASE_PATH) basePath: string,
    approvals: ApprovalsService,
  ) {
    this.#engine = engine;
    this.#approvals = approvals;
    this.#journal = journal;
    this.#basePath = basePath;
  }

  /**
   * Carries out a mutating call, waits as long as the caller is ready to, and answers with the record of its operation.
   * A request that came before under the same key is answered with what became of that.
   */
  async run(ask: Ask, asked: AskedCall): Promise<Operation> {
    const { caller, targets, requestId, span, waiting, arrivedAt, waitMs } = ask;
    const { refusals, input } = asked;
    const key = readKey(ask, input, refusals);
    const repeated = key && refusals.isEmpty ? await this.#engine.repeated(key, caller.name) : undefined;
    if (repeated) return answer(ask, repeated, this.#basePath);
    const admitted = admitCall(
      { targets, caller, refusals, freezes: this.#engine.brakes.freezes, now: Date.now() },
      await this.#bind(caller, asked),
    );
    await ask.allowance.admitRecord();
    await ask.allowance.draw(admitted.targets.map(({ name }) => name));
    const written = writtenOf(input);
    const asking = { requestId, key, answerBy: arrivedAt + waitMs, waiting, written, ...(span ? { span } : {}) };
    const operation = await this.#engine.open(admitted, asking);
    if (!operation.isRepeated) await waitFor(ask, operation, waitMs - (Date.now() - arrivedAt));
    return answer(ask, operation, this.#basePath);
  }

  /** The request, or what the plan that it names fixed. A request that is malformed has no plan. */
  async #bind(caller: Caller, { request, planId, refusals, input }: AskedCall): Promise<MutatingRequest> {
    if (planId === null) return request;
    refusals.throwIfAny();
    const { written, ...found } = await findPlan(this.#journal, planId, caller, request.kind, Date.now());
    for (const error of besidePlan(writtenOf(input), written, request.writing)) refusals.add('invalid-request', error);
    refusals.throwIfAny();
    return { ...request, ...found };
  }

  /** How an operation stands, after waiting for its end as long as the caller is ready to. */
  async read(ask: Ask, id: string): Promise<Operation> {
    const operation = await this.#engine.find(id, ask.caller.name);
    if (!operation || !see(ask.caller, operation.now)) throw notFound(id);
    await ask.waiting.during(() => waitFor(ask, operation, ask.waitMs, ask.gone()));
    const visible = see(ask.caller, operation.now);
    if (!visible) throw notFound(id);
    if (visible.state === 'running') ask.header('retry-after', String(askAgainSeconds));
    const [told = visible] = await withAcknowledgements(this.#journal, [toldOnce(visible)]);
    return told;
  }

  /** Keeps what the caller found out of an operation that is unknown, which ends its alert. */
  async acknowledge(ask: Ask, id: string, reason: string): Promise<Operation> {
    const { caller } = ask;
    const operation = await this.#engine.find(id, caller.name);
    const visible = operation && see(caller, operation.now);
    if (!visible) throw notFound(id);
    ask.about(namesOf(visible));
    tellState(ask, visible);
    if (!mayAcknowledge(visible, caller)) return visible;
    const found = { at: new Date().toISOString(), requestedBy: caller.name, reason };
    const acknowledged = await this.#journal.acknowledgements.acknowledge(id, found);
    this.#engine.listeners.tellChange({ ...operation.now, acknowledged });
    return { ...visible, acknowledged };
  }

  /** Sends nothing more of an operation, and tells how it stands then, after waiting for what was sent. */
  async cancel(ask: Ask, id: string, body: CancelBody): Promise<Operation> {
    if (!isAbsent(body)) refuseInvalid(body);
    const { caller } = ask;
    const operation = await this.#engine.find(id, caller.name);
    const visible = operation && see(caller, operation.now);
    if (!visible) throw notFound(id);
    ask.about(namesOf(visible));
    const { requestedBy, targets } = operation.now;
    if (requestedBy !== caller.name && !targets.every(({ target }) => mayChange(caller, target))) {
      throw new Failure('forbidden', `${caller.name} has not begun ${id}, and does not operate all of its targets.`);
    }
    if (operation.now.state === 'awaitingApproval') return this.#approvals.withdraw(ask, id, body.reason);
    const request = { at: Date.now(), requestedBy: caller.name, reason: body.reason ?? '' };
    await operation.cancel(this.#journal.brakes, request);
    const told = { by: caller.name, requestId: ask.requestId, operation: id, reason: body.reason ?? null };
    this.#engine.listeners.tellBrake({ is: 'cancelled', ...told });
    const stopped = await this.read(ask, id);
    tellState(ask, stopped);
    return stopped;
  }
}
