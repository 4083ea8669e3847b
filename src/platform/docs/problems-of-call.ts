import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse } from '@nestjs/swagger';
import type { FailureKind } from '../../core/model/failure.js';
import { AnsweredProblemDto } from './answered-problem.dto.js';
import { challenge, location, retryAfter, type Headers } from './headers.js';
import { problemResponses } from './problem-responses.js';

/** What any call may answer, whatever it is about. */
const always: readonly FailureKind[] = [
  'invalid-request',
  'unauthenticated',
  'rate-limited',
  'internal',
  'overloaded',
  'draining',
  // Without the keys of its issuer, no token can be checked.
  'upstream-unavailable',
];

/** Problems after which the operation that stands in the way can be followed. */
const followed: ReadonlySet<FailureKind> = new Set([
  'request-in-progress',
  'flush-in-progress',
  'idempotency-key-reused',
]);

/** Documents the problems of a call: its own, and those of any call. */
export function Problems(headers: Headers, kinds: readonly FailureKind[]): MethodDecorator {
  const responses = problemResponses(new Set([...always, ...kinds]));
  return applyDecorators(
    ApiExtraModels(AnsweredProblemDto),
    ...responses.map(({ retries, kinds: told, ...response }) => {
      const isFollowed = told.some((kind) => followed.has(kind));
      const more = {
        ...(isFollowed ? { Location: location } : {}),
        ...(retries ? retryAfter : {}),
        ...(response.status === 401 ? challenge : {}),
      };
      return ApiResponse({ ...response, headers: { ...headers, ...more } });
    }),
  );
}
