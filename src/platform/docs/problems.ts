import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure, failureKinds } from '../../core/model/failure.js';
import { problemAddress, problemTypes } from '../../core/model/problem.js';
import { problemDescriptions } from './problem-descriptions.js';
import { problemRemedies } from './problem-remedies.js';
import { problemPage, problemsPage, wantsHtml } from './problem-page.js';

/** Describes every type of problem to anybody: as a page to those who ask for HTML, as JSON to all others. */
export function serveProblems(fastify: FastifyInstance, prefixes: readonly string[]): void {
  for (const prefix of prefixes) {
    fastify.get(`${prefix}/problems`, ({ headers }, reply) =>
      wantsHtml(headers.accept) ? sendPage(reply, problemsPage()) : reply.send({ items: failureKinds.map(describe) }),
    );
    fastify.get<{ Params: { code: string } }>(`${prefix}/problems/:code`, ({ headers, params }, reply) => {
      const kind = failureKinds.find((one) => one === params.code);
      if (!kind) throw new Failure('not-found', 'There is no such type of problem.');
      return wantsHtml(headers.accept) ? sendPage(reply, problemPage(kind)) : reply.send(describe(kind));
    });
  }
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    vary: 'accept',
  };
  return reply.headers(headers).send(page);
}

function describe(kind: (typeof failureKinds)[number]): object {
  return {
    type: problemAddress(kind),
    code: kind,
    ...problemTypes[kind],
    description: problemDescriptions[kind],
    remedy: problemRemedies[kind],
  };
}
