import type { FastifyReply } from 'fastify';
import type { Operation } from '../../core/model/operation.js';
import type { Problem } from '../../core/model/problem.js';

/** A problem as it is answered: what it is, and to which request. */
export interface AnsweredProblem extends Problem {
  readonly instance: string;
  readonly requestId: string;
  readonly operation?: Operation;
}

/** The members of an answered problem; how long to wait is told in `Retry-After` alone. */
export function problemBody({ retryAfterSeconds, ...problem }: AnsweredProblem): string {
  return JSON.stringify(problem);
}

/** Answers with a problem, unless an answer was sent already. */
export function sendProblem(reply: FastifyReply, problem: AnsweredProblem): void {
  if (reply.sent) return;
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.retryAfterSeconds));
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="sluice", ApiKey realm="sluice"');
  void reply.code(problem.status).header('content-type', 'application/problem+json').send(problemBody(problem));
}
