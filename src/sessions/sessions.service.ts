import { Injectable } from '@nestjs/common';
import type { Operation } from '../core/operation.js';
import { Refusals } from '../core/refusals.js';
import { inBody } from '../core/request.js';
import { OperationsService } from '../operations/operations.service.js';
import type { Ask } from '../platform/auth/ask.js';
import { faultsOf, type NoQuery } from '../validation/draft.js';
import type { FlushBody, TuneBody } from './sessions.dto.js';

/** Flushes and tunes sessions. */
@Injectable()
export class SessionsService {
  readonly #operations: OperationsService;

  constructor(operations: OperationsService) {
    this.#operations = operations;
  }

  flush(ask: Ask, query: NoQuery, body: FlushBody): Promise<Operation> {
    return this.#operations.run(ask, new Refusals([...faultsOf(query), ...faultsOf(body)]), inBody, {
      kind: 'sessions.flush',
      targets: body.targets ?? [],
      mode: body.mode ?? 'graceful',
      node: body.node ?? null,
      minIdleSeconds: body.minIdleSeconds ?? null,
      dryRun: body.dryRun ?? false,
      reason: body.reason ?? null,
      onBehalfOf: body.onBehalfOf ?? null,
    });
  }

  tune(ask: Ask, query: NoQuery, body: TuneBody): Promise<Operation> {
    return this.#operations.run(ask, new Refusals([...faultsOf(query), ...faultsOf(body)]), inBody, {
      kind: 'sessions.tune',
      targets: body.target === undefined ? [] : [body.target],
      // Without settings the call has a fault, and is refused before anybody reads these.
      settings: body.settings ?? { infinityToNa: false },
      dryRun: body.dryRun ?? false,
      reason: body.reason ?? null,
      onBehalfOf: body.onBehalfOf ?? null,
    });
  }
}
