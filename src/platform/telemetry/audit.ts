import type { ApprovalTold, BrakeTold } from '../../core/engine/listeners.js';
import type { Failure } from '../../core/model/failure.js';
import type { Operation, TargetOutcome } from '../../core/model/operation.js';
import { problemTypes } from '../../core/model/problem.js';
import type { MadeSeal } from '../../core/record/seals.js';
import type { Logger } from './log.js';
import type { Trace } from './request-trace.js';

/** How many ids of a target one line tells; the record has all of them. */
const idsTold = 100;

/** Methods of the calls that change something. */
const mutating = new Set(['POST', 'DELETE']);

/** A call that was refused. */
export interface RefusedCall {
  readonly requestId: string;
  /** Null if it could not be read. */
  readonly method: string | null;
  readonly route: string;
  /** Null if that is not known. */
  readonly caller: string | null;
  readonly trace: Trace;
}

/**
 * One JSON line for every operation, every refused call and every seal, at any log level: who asked for what, and what
 * came of it.
 */
export class Audit {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log.child({}, { level: 'info' });
  }

  /** An operation has ended here. */
  ended(operation: Operation): void {
    this.#tell('operation', operation);
  }

  /** More became known of an operation after it had ended. */
  changed(operation: Operation): void {
    this.#tell('settled', operation);
  }

  /** A freeze was begun or ended, or an operation cancelled. */
  braked({ is, by, requestId, ...told }: BrakeTold): void {
    this.#log.info({ audit: is, requestedBy: by, requestId, ...told }, 'audit');
  }

  /** Somebody must approve an operation, something was decided of it, or somebody did without. */
  approval({ is, operation, by, reason, requestId }: ApprovalTold): void {
    const { id, kind, mode, requestedBy, onBehalfOf, approval, targets } = operation;
    const told = { operation: id, kind, mode, requestedBy, onBehalfOf, by, reason, requestId };
    const expiresAt = approval?.expiresAt ?? null;
    const names = targets.map(({ target }) => target);
    const audit = is === 'breakGlass' ? is : 'approval';
    this.#log.info({ audit, is, ...told, expiresAt, targets: names }, 'audit');
  }

  /** What was over is sealed: who keeps this line elsewhere can tell whether the record was written anew since. */
  sealed(seal: MadeSeal): void {
    this.#log.info({ audit: 'seal', ...seal }, 'audit');
  }

  /** A call was refused before there was an operation. */
  refused(failure: Failure, { requestId, method, route, caller, trace }: RefusedCall): void {
    if (method === null || !mutating.has(method)) return;
    const line = {
      audit: 'refused',
      code: failure.kind,
      status: problemTypes[failure.kind].status,
      detail: failure.message,
      requestedBy: caller,
      method,
      route,
      requestId,
      ...trace,
    };
    this.#log.info(line, 'audit');
  }

  #tell(audit: 'operation' | 'settled', { targets, ...operation }: Operation): void {
    const { id, kind, mode, dryRun, state, requestedBy, onBehalfOf, reason, requestId } = operation;
    const { createdAt, endedAt, counts, requestedByName } = operation;
    const told = { kind, mode, dryRun, state, requestedBy, onBehalfOf, reason, requestId, createdAt, endedAt, counts };
    const person = requestedByName === undefined ? {} : { requestedByName };
    this.#log.info({ audit, operation: id, ...told, ...person, targets: targets.map(tellTarget) }, 'audit');
  }
}

function tellTarget({ target, backend, strategy, state, effect, counts, items, problem }: TargetOutcome): object {
  const ids = items.filter(({ outcome }) => outcome !== 'skipped').map(({ id, outcome }) => `${id} ${outcome}`);
  return { target, backend, strategy, state, effect, counts, code: problem?.code ?? null, ids: ids.slice(0, idsTold) };
}
