import { Inject, Injectable } from '@nestjs/common';
import type { Saying } from '../core/engine/approvals.js';
import { Engine } from '../core/engine/engine.js';
import { actionFor, mayDo, type Caller } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import type { ApprovalDecision } from '../core/model/approval.js';
import type { Operation } from '../core/model/operation.js';
import type { Journal, StoredOperation } from '../core/record/journal.js';
import { BASE_PATH } from '../platform/base-path.token.js';
import type { Ask } from '../platform/entry/ask.js';
import { isAbsent, refuseInvalid } from '../validation/input.js';
import { answer, tellState } from './answer.js';
import type { DecideBody } from './approvals.dto.js';
import { JOURNAL } from './journal.token.js';
import { notFound } from './not-found.js';
import { namesOf, see } from './visible.js';
import { waitFor } from './wait-for.js';

/** Decides about operations that wait. */
@Injectable()
export class ApprovalsService {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #basePath: string;

  constructor(engine: Engine, @Inject(JOURNAL) journal: Journal, @Inject(BASE_PATH) basePath: string) {
    this.#engine = engine;
    this.#journal = journal;
    this.#basePath = basePath;
  }

  /** Carries it out, waits as long as the caller is ready to, and answers as any call that changes something. */
  async approve(ask: Ask, id: string, body: DecideBody): Promise<Operation> {
    const kept = await this.#find(ask, id, body);
    const { caller, targets, arrivedAt, waitMs } = ask;
    const { operation } = kept;
    mayDecide(caller, operation);
    // The same caller who approves it again is told what came of it.
    const isAgain = operation.approval?.decision?.is === 'approved' && operation.approval.decision.by === caller.name;
    if (!isAgain) refuseLost(kept, targets.callerOf?.bind(targets));
    if (!isAgain) await this.#engine.approvals.approve(kept, sayingOf(ask, 'approved', body), targets);
    const handle = await this.#engine.find(id, caller.name);
    if (!handle) throw notFound(id);
    await waitFor(ask, handle, waitMs - (Date.now() - arrivedAt), ask.gone());
    return answer(ask, handle, this.#basePath);
  }

  /** Nothing of it is sent. */
  async reject(ask: Ask, id: string, body: DecideBody): Promise<Operation> {
    const kept = await this.#find(ask, id, body);
    mayDecide(ask.caller, kept.operation);
    return this.#close(ask, kept, 'rejected', body.reason);
  }

  /** Takes back what its own caller, or who might have asked for it, does not want any more. */
  async withdraw(ask: Ask, id: string, reason: string | undefined): Promise<Operation> {
    const kept = await this.#journal.read(id);
    if (!kept) throw notFound(id);
    return this.#close(ask, kept, 'withdrawn', reason);
  }

  async #close(ask: Ask, kept: StoredOperation, is: 'rejected' | 'withdrawn', reason?: string): Promise<Operation> {
    const said = kept.operation.approval?.decision;
    const isAgain = said?.is === is && said.by === ask.caller.name;
    const body = reason === undefined ? {} : { reason };
    const closed = isAgain ? kept.operation : await this.#engine.approvals.close(kept, sayingOf(ask, is, body));
    tellState(ask, closed);
    return closed;
  }

  /** One that the caller sees. */
  async #find(ask: Ask, id: string, body: DecideBody): Promise<StoredOperation> {
    if (!isAbsent(body)) refuseInvalid(body);
    const kept = await this.#journal.read(id);
    const visible = kept && see(ask.caller, kept.operation);
    if (!visible) throw notFound(id);
    ask.about(namesOf(visible));
    return kept;
  }
}

function sayingOf({ caller, requestId }: Ask, is: ApprovalDecision['is'], { reason }: { reason?: string }): Saying {
  return { is, by: caller.name, reason: reason ?? null, requestId };
}

/** Throws Failure `forbidden` unless the caller is somebody else, and may approve on all targets. */
function mayDecide(caller: Caller, { id, approval, targets, requestedBy }: Operation): void {
  if (!approval) throw new Failure('operation-over', `The operation ${id} does not wait for an approval.`);
  const same = (one: string): string => one.normalize('NFKC').trim().toLowerCase();
  const own = [caller.name, caller.displayName ?? caller.name].map(same);
  if ([requestedBy, ...approval.needs.notBy].some((name) => own.includes(same(name)))) {
    throw new Failure(
      'forbidden',
      `Somebody else must decide: ${caller.name} asked for ${id}, or it is on their behalf.`,
    );
  }
  const not = targets.filter(({ target, status }) => status === undefined && !mayDo(caller, target, 'approve'));
  const [first] = not;
  if (!first) return;
  throw new Failure('forbidden', `No grant of ${caller.name} allows to approve on "${first.target}".`);
}

/**
 * Throws Failure `forbidden` if who asked with an API key may not do so any more. The rights of a token are not known
 * here.
 */
function refuseLost(
  { events, operation }: StoredOperation,
  callerOf: ((name: string) => Caller | null) | undefined,
): void {
  const awaiting = events.find((event) => event.is === 'awaiting');
  if (!awaiting || awaiting.credential !== 'apiKey' || !callerOf) return;
  const { requestedBy, kind, mode, targets } = operation;
  const now = callerOf(requestedBy);
  const action = kind === 'sessions.flush' ? actionFor('flush', mode ?? 'graceful') : 'kill';
  const lost = targets.find(({ target, status }) => status === undefined && (!now || !mayDo(now, target, action)));
  if (!lost) return;
  throw new Failure('forbidden', `${requestedBy} may not ${action} on "${lost.target}" any more.`);
}
