import { getSchemaPath } from '@nestjs/swagger';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { problemOf, problemTypes } from '../../core/model/problem.js';
import { AnsweredProblemDto } from './answered-problem.dto.js';

/** Problems of the connection rather than of a call: any call may be answered so. */
const ofTheConnection = [
  'method-not-allowed',
  'request-timeout',
  'uri-too-long',
  'headers-too-large',
] as const satisfies readonly FailureKind[];

/** The problems that a call may answer with, by status, and in one more entry those that any request may run into. */
export function problemResponses(kinds: ReadonlySet<FailureKind>) {
  const byStatus = Map.groupBy(kinds, (kind) => problemTypes[kind].status);
  return [...[...byStatus].map(([status, shared]) => response(status, shared)), response('default', ofTheConnection)];
}

function response(status: number | 'default', kinds: readonly FailureKind[]) {
  const words = kinds.map((kind) => `\`${kind}\`: ${problemTypes[kind].title}.`).join(' ');
  const statuses = kinds.map((kind) => String(problemTypes[kind].status)).join(', ');
  return {
    status,
    description: status === 'default' ? `Any request may end so (${statuses}). ${words}` : words,
    kinds,
    retries: kinds.some((kind) => problemOf(new Failure(kind, '')).retryable),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(AnsweredProblemDto) },
        // What they are like is filled in where the call is known.
        examples: Object.fromEntries(kinds.map((kind) => [kind, {}])),
      },
    },
  };
}
