import { Injectable } from '@nestjs/common';
import { namedOrLabelled, writtenLabels } from '../core/choose/labelled.js';
import type { FieldError } from '../core/model/failure.js';
import type { Operation } from '../core/model/operation.js';
import { Refusals } from '../core/model/refusals.js';
import { inBody } from '../core/model/request.js';
import { readWritten, type Selection } from '../core/model/selection.js';
import { OperationsService } from '../operations/operations.service.js';
import type { Ask } from '../platform/entry/ask.js';
import { errorsOf, type NoQuery } from '../validation/input.js';
import type { FlushBody, TuneBody } from './sessions.dto.js';

/** Flushes and tunes sessions. */
@Injectable()
export class SessionsService {
  readonly #operations: OperationsService;

  constructor(operations: OperationsService) {
    this.#operations = operations;
  }

  flush(ask: Ask, query: NoQuery, body: FlushBody): Promise<Operation> {
    const refusals = new Refusals([...errorsOf(query), ...errorsOf(body)]);
    for (const error of targetErrors(body)) refusals.add('invalid-request', error);
    const { targets: written = [] } = body;
    // What is wrong among them left gaps: the others are told of where they were written.
    const positions = Object.keys(written).map(Number);
    const labels = body.labels && writtenLabels(body.labels);
    const text = readText(body, refusals);
    const lists = { targets: { name: 'targets', positions } };
    return this.#operations.run(ask, {
      refusals,
      request: {
        kind: 'sessions.flush',
        ...namedOrLabelled({ ...ask, refusals }, { in: 'body', lists }, Object.values(written), labels),
        plan: null,
        mode: body.mode ?? 'graceful',
        node: body.node ?? null,
        minIdleSeconds: body.minIdleSeconds ?? null,
        ...(text === null ? {} : { text }),
        requireAll: body.requireAll ?? false,
        dryRun: body.dryRun ?? false,
        reason: body.reason ?? null,
        onBehalfOf: body.onBehalfOf ?? null,
        isForApproval: body.approval === 'request',
        breaksGlass: body.breakGlass ?? false,
      },
      planId: body.plan ?? null,
      input: ['sessions.flush', body],
    });
  }

  tune(ask: Ask, query: NoQuery, body: TuneBody): Promise<Operation> {
    const refusals = new Refusals([...errorsOf(query), ...errorsOf(body)]);
    return this.#operations.run(ask, {
      refusals,
      request: {
        kind: 'sessions.tune',
        writing: inBody,
        targets: body.target === undefined ? [] : [body.target],
        // Without settings the call is not valid, and is refused before these are read.
        settings: body.settings ?? { infinityToNa: false },
        dryRun: body.dryRun ?? false,
        reason: body.reason ?? null,
        onBehalfOf: body.onBehalfOf ?? null,
      },
      planId: null,
      input: ['sessions.tune', body],
    });
  }
}

/** The filters of a flush, in the grammar of look and kill; null if there are none. */
function readText({ user, database, application }: FlushBody, refusals: Refusals): Selection['text'] | null {
  const given = Object.entries({ user, database, application }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return null;
  const { selection, errors } = readWritten(Object.fromEntries(given.map(([name, value]) => [name, [value].flat()])));
  for (const { member, message } of errors) refusals.add('invalid-request', { pointer: `/${member}`, message });
  return selection.text;
}

/** Without a plan, the targets must be named, or labels must stand for them. */
function targetErrors(body: FlushBody): readonly FieldError[] {
  // A body that is missing, or is none, is told as that alone.
  const isTold = ({ pointer = '/' }: FieldError): boolean => pointer === '' || /^\/(?:targets|labels)/.test(pointer);
  if ((body.plan ?? body.targets ?? body.labels) !== undefined || errorsOf(body).some(isTold)) return [];
  return [{ pointer: '/targets', message: 'must name 1 to 100 targets, unless labels or a plan do' }];
}
