import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../core/model/failure.js';
import { keepUnderWay } from './broken.js';
import { RequestFacts } from './request-facts.js';
import type { Step } from './step.js';

const maxHeaderBytes = 16 * 1024;
const maxUrlBytes = 16 * 1024;

/** A request id that callers may choose. */
const chosenId = /^[A-Za-z0-9._-]{1,128}$/;

/** The id that a request was given, or one of its own. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && chosenId.test(given) ? given : randomUUID();
}

/** Headers that every answer carries. */
export function commonHeaders({ id, method }: Pick<FastifyRequest, 'id' | 'method'>): Record<string, string> {
  const isMutating = method === 'POST' || method === 'DELETE';
  return {
    'x-request-id': id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(isMutating ? { 'sluice-state': 'failed', 'sluice-completed': 'false' } : {}),
  };
}

/** Begins what is known of a request, and its answer. */
export function receiveRequest(request: FastifyRequest, reply: FastifyReply): void {
  keepUnderWay(reply.raw, reply);
  request.facts = new RequestFacts(request.is404 ? undefined : request.routeOptions.url);
  void reply.headers(commonHeaders(request));
}

/** Begins what is known of a request, and answers with the status that its handler chose. */
export function receive(): Step {
  return {
    prepare: (fastify) => {
      fastify.decorateRequest('facts');
    },
    onRequest: (request, reply, done) => {
      receiveRequest(request, reply);
      done();
    },
    // Nest would overwrite it with that of the method.
    onSend: ({ facts: { status } }, reply) => {
      if (status !== null && reply.statusCode < 400) void reply.code(status);
    },
  };
}

/** What refuses a request whatever it asks for; undefined if nothing does. */
export function malformation({ url = '', rawHeaders, httpVersion }: IncomingMessage): Failure | undefined {
  if (url.length > maxUrlBytes) {
    return new Failure('uri-too-long', 'The address is longer than 16 KiB: long lists of ids go into the body.');
  }
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
  if (bytes > maxHeaderBytes) return new Failure('headers-too-large', 'The headers are larger than 16 KiB.');
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && httpVersion !== '1.1')) return undefined;
  const message = 'The header Host must be given once.';
  return new Failure('invalid-request', message, { errors: [{ parameter: 'Host', message }] });
}
