import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FailureKind } from '../../core/model/failure.js';
import { listMediaTypes } from '../http/list-format.js';
import { longestHeader } from '../http/shapes.js';
import {
  completed,
  disposition,
  everyAnswer,
  location,
  operationHeaders,
  preferred,
  retryAfter,
  type Headers,
} from './headers.js';
import { Problems } from './problems-of-call.js';

/** What a vendor can make of any call that reaches it. */
const upstream: readonly FailureKind[] = [
  'upstream-conflict',
  'upstream-rejected',
  'upstream-malformed',
  'upstream-unavailable',
  'upstream-throttled',
  'upstream-timeout',
];

/** Documents the answer of a read, and the problems that it may be. */
export function Answers(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  return reads(type, everyAnswer, kinds);
}

/** Documents the answer of a call that changes something, and is no operation of its own. */
export function AnswersChange(
  status: 200 | 201 | 204,
  type: Type | null,
  ...kinds: readonly FailureKind[]
): MethodDecorator {
  const headers = status === 200 ? { ...operationHeaders, ...retryAfter } : operationHeaders;
  return applyDecorators(
    ApiResponse({ status, ...(type ? { type } : {}), headers, description: 'It was done.' }),
    Problems(operationHeaders, [...kinds, 'store-unavailable', 'payload-too-large', 'unsupported-media-type']),
  );
}

/** Documents the answer of a read of what may still run. */
export function AnswersRunning(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  return reads(type, { ...everyAnswer, ...retryAfter, ...preferred }, kinds);
}

/** Documents a stream of server-sent events. */
export function AnswersStream(...kinds: readonly FailureKind[]): MethodDecorator {
  const content = { 'text/event-stream': { schema: { type: 'string' as const } } };
  return applyDecorators(
    ApiResponse({ status: 200, content, headers: everyAnswer, description: 'Events, as they happen.' }),
    Problems(everyAnswer, kinds),
  );
}

/** Documents the answer of a list: as JSON, or streamed, each item a line. */
export function AnswersList(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  return lists(type, everyAnswer, kinds);
}

function lists(type: Type, headers: Headers, kinds: readonly FailureKind[]): MethodDecorator {
  const lines = { schema: { type: 'string' as const } };
  const content = {
    [listMediaTypes.json]: { schema: { $ref: getSchemaPath(type) } },
    [listMediaTypes.ndjson]: lines,
    [listMediaTypes.csv]: lines,
  };
  return applyDecorators(
    ApiExtraModels(type),
    ApiResponse({
      status: 200,
      content,
      headers: { ...headers, ...disposition },
      description: 'What was asked for. `Accept` says how: JSON, or each item a line.',
    }),
    Problems(everyAnswer, kinds),
  );
}

/** Documents the answer of a word about an operation. */
export function AnswersAcknowledgement(type: Type): MethodDecorator {
  const kinds = ['forbidden', 'not-found', 'store-unavailable', 'payload-too-large', 'unsupported-media-type'] as const;
  return applyDecorators(
    ApiResponse({
      status: 200,
      type,
      headers: operationHeaders,
      description: 'The operation, with what was found out.',
    }),
    Problems(operationHeaders, kinds),
  );
}

/** Documents the answer of a look. */
export function AnswersLook(type: Type): MethodDecorator {
  const kinds = ['forbidden', 'unknown-target', 'unsupported-operation', 'unsupported-filter', ...upstream] as const;
  return lists(type, { ...everyAnswer, ...completed }, kinds);
}

function reads(type: Type, headers: Headers, kinds: readonly FailureKind[]): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 200, type, headers, description: 'What was asked for.' }),
    Problems(everyAnswer, kinds),
  );
}

/** Documents how long a caller is ready to wait. */
export function TakesPrefer(): MethodDecorator {
  return ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      '`wait=20`: seconds to wait for the end (default 10, at most 45). `wait=20; until=completed`: also until what is unknown is settled and a pool has drained. `respond-async`: answer at once. What is not known is ignored.',
    schema: { type: 'string', maxLength: longestHeader, pattern: String.raw`^[^\x00-\x1f\x7f]*$` },
  });
}

const keyOfOperation =
  'The same request under the same key within 24 hours is not carried out again: it is answered with what became of the first one, unless nothing was done and its problem was `retryable`. Without a key, an `X-Request-Id` of yours stands for it while the first runs and for 30 seconds after.';

/** Documents under what a call is carried out once. */
export function TakesKey(description = keyOfOperation): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description,
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  });
}

/** Documents the answers of a mutating call. */
export function AnswersOperation(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  return applyDecorators(
    AnswersUndivided(type, ...kinds),
    ApiResponse({
      status: 207,
      type,
      headers: operationHeaders,
      description: 'Something was done, and something failed, is unknown, or was skipped though you named it.',
    }),
  );
}

/** Documents the answers of a mutating call of one target and one vendor call: it cannot be done in part. */
export function AnswersUndivided(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  const headers = operationHeaders;
  return applyDecorators(
    TakesPrefer(),
    TakesKey(),
    ApiResponse({
      status: 200,
      type,
      headers,
      description:
        'All done, or planned (a dry run). A selection that matches nothing is done, with the effect `none`.',
    }),
    ApiResponse({
      status: 202,
      type,
      headers: {
        ...headers,
        Location: { ...location, required: true },
        ...retryAfter,
      },
      description: 'Some of it still runs: follow `Location`.',
    }),
    Problems(headers, [
      ...kinds,
      'reason-required',
      'approval-required',
      'forbidden',
      'unknown-target',
      'unsupported-operation',
      'outcome-unknown',
      'idempotency-key-reused',
      'request-in-progress',
      'read-only',
      'store-unavailable',
      'payload-too-large',
      'unsupported-media-type',
      ...upstream,
    ]),
  );
}
