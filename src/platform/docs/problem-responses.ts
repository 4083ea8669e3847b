import { getSchemaPath } from '@nestjs/swagger';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { problemOf, problemTypes } from '../../core/model/problem.js';
import { AnsweredProblemDto } from './answered-problem.dto.js';
import { problemDescriptions } from './problem-descriptions.js';

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
    retries: kinds.some((kind) => example(kind).value.retryable),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(AnsweredProblemDto) },
        examples: Object.fromEntries(kinds.map((kind) => [kind, example(kind)])),
      },
    },
  };
}

function example(kind: FailureKind) {
  const { retryAfterSeconds, ...problem } = problemOf(new Failure(kind, problemDescriptions[kind]));
  const value = { ...problem, instance: '/processes', requestId: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' };
  return { summary: problemTypes[kind].title, value };
}
