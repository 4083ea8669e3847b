import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** True if it has answered the request. */
export type Gate = (request: IncomingMessage, response: ServerResponse) => boolean;

/** One thing that is done to every request, and when. */
export interface Step {
  /** Prepares the server, before it has routes. */
  readonly prepare?: (fastify: FastifyInstance) => void;
  /** Answers a request before anything of it is read or checked, if it returns true. */
  readonly gate?: Gate;
  /** Once the headers came; an error refuses the request. */
  readonly onRequest?: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;
  /** Just before a handler of a resource; what it throws refuses the request. */
  readonly admit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void> | void;
  /** Just before an answer is sent. */
  readonly onSend?: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => void;
  /** Once an answer is out. */
  readonly onResponse?: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** Makes a server do these things to every request, in this order. */
export function applySteps(fastify: FastifyInstance, stack: readonly Step[]): void {
  for (const { prepare, onRequest, onSend, onResponse } of stack) {
    prepare?.(fastify);
    if (onRequest) fastify.addHook('onRequest', onRequest);
    if (onSend) {
      fastify.addHook('onSend', (request, reply, payload, done) => {
        onSend(request, reply, payload);
        done(null, payload);
      });
    }
    if (onResponse) {
      fastify.addHook('onResponse', (request, reply, done) => {
        onResponse(request, reply);
        done();
      });
    }
  }
}
