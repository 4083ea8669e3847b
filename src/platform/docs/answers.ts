import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FailureKind } from '../../core/failure.js';
import { problemTypes } from '../../core/problem.js';
import { AnsweredProblemDto } from './answered-problem.dto.js';

/** What any call may answer, whatever it is about. */
const always: readonly FailureKind[] = [
  'invalid-request',
  'unauthenticated',
  'rate-limited',
  'internal',
  'overloaded',
  'draining',
];

/** Documents the answer of a read, and the problems that it may be. */
export function Answers(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  return applyDecorators(ApiResponse({ status: 200, type, description: 'What was asked for.' }), Problems(kinds));
}

const operationHeaders = {
  'Sluice-Operation': { description: 'The id of the operation.', schema: { type: 'string' } },
  'Sluice-State': { description: 'Its state.', schema: { type: 'string' } },
  'Sluice-Completed': {
    description: 'True only if all that was asked is done and nothing is deferred.',
    schema: { type: 'string', enum: ['true', 'false'] as string[] },
  },
} as const;

/** Documents the answers of a mutating call. */
export function AnswersOperation(type: Type, ...kinds: readonly FailureKind[]): MethodDecorator {
  const headers = { ...operationHeaders };
  return applyDecorators(
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`wait=N`: seconds to wait for the end (default 10, at most 45). `respond-async`: answer at once.',
      schema: { type: 'string', maxLength: 100, example: 'wait=10' },
    }),
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
        Location: { description: 'Where the operation is followed.', schema: { type: 'string' } },
      },
      description: 'Some of it still runs: follow `Location`.',
    }),
    ApiResponse({
      status: 207,
      type,
      headers,
      description: 'Something was done, and something failed, is unknown, or was skipped though you named it.',
    }),
    Problems([
      ...kinds,
      'forbidden',
      'unknown-target',
      'unsupported-operation',
      'outcome-unknown',
      'payload-too-large',
      'unsupported-media-type',
      'upstream-conflict',
      'upstream-rejected',
      'upstream-malformed',
      'upstream-unavailable',
      'upstream-throttled',
      'upstream-timeout',
    ]),
  );
}

function Problems(kinds: readonly FailureKind[]): MethodDecorator {
  const byStatus = Map.groupBy(new Set([...always, ...kinds]), (kind) => problemTypes[kind].status);
  return applyDecorators(
    ApiExtraModels(AnsweredProblemDto),
    ...[...byStatus].map(([status, shared]) =>
      ApiResponse({
        status,
        description: shared.map((kind) => `\`${kind}\`: ${problemTypes[kind].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(AnsweredProblemDto) } } },
      }),
    ),
  );
}
