import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../core/model/failure.js';
import { maxBodyBytes, takeJsonOnly } from './body.js';
import { keepUnderWay, refuseBroken } from './broken.js';
import { parseQuery } from './query.js';
import type { TellUnhooked } from './unhooked.js';

const maxHeaderBytes = 16 * 1024;
const maxUrlBytes = 16 * 1024;
/** Above both limits, so that it is us who refuse, and can say what. */
const hardLimitBytes = 48 * 1024;
/** Longer than what stands in front of a replica keeps an idle connection, which is a minute as a rule: it is that which closes. */
const keepAliveMs = 72_000;

/** How the server meets its callers. */
export interface HttpOptions {
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** Milliseconds that the headers and the whole of a request may take to arrive, and how often that is looked at. */
  readonly headersMs?: number;
  readonly requestMs?: number;
  readonly checkEveryMs?: number;
  /** Milliseconds that a caller may take to read its answer. */
  readonly readMs?: number;
  /** Hears of answers that pass no hook. */
  readonly unhooked?: TellUnhooked;
  /** Answers a request before anything else is done about it, if it returns true. */
  readonly gate?: Gate;
}

/** True if it has answered the request. */
export type Gate = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers with what went wrong. */
export type Refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

/** A request id that callers may choose. */
const chosenId = /^[A-Za-z0-9._-]{1,128}$/;

/** The id that a request was given, or one of its own. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && chosenId.test(given) ? given : randomUUID();
}

/** The HTTP server: who is slow is cut, what is too large is refused. */
export function openFastify(refuse: Refuse, options: HttpOptions = {}): FastifyAdapter {
  const { trustedProxies = [], headersMs = 5000, requestMs = 10_000, checkEveryMs = 500, readMs = 30_000 } = options;
  const { unhooked = () => undefined, gate = () => false } = options;
  const how = {
    maxHeaderSize: hardLimitBytes,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkEveryMs,
    // Node would refuse a missing Host without a word: it is us who refuse.
    requireHostHeader: false,
  };
  const serverFactory = (handle: RequestListener): Server =>
    createServer(how, (request, response) => {
      if (gate(request, response)) keepUnderWay(response, null);
      else handle(request, response);
    });
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    serverFactory,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    routerOptions: { maxParamLength: hardLimitBytes, querystringParser: parseQuery },
    requestIdHeader: false,
    genReqId: requestIdOf,
    logger: false,
    // What Fastify cannot route at all passes no hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      keepUnderWay(reply.raw, reply);
      void reply.headers(commonHeaders(request));
      refuse(error, request, reply);
      const { id: requestId, method } = request;
      unhooked({ requestId, method, address: null, status: reply.statusCode, failure: null });
    },
    clientErrorHandler: (error: Error, socket: Socket) => {
      refuseBroken(error, socket, unhooked);
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  takeJsonOnly(fastify);
  fastify.addHook('onRequest', refuseAtOnce);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (typeof payload === 'string' && payload.length > smallAnswer) cutSlowReader(reply.raw, readMs);
    done(null, payload);
  });
  // An expectation that nobody knows is ignored, as RFC 9110 (10.1.1) allows: Node would refuse it without a word.
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  return adapter;
}

/** The system takes what is smaller, whether or not the caller does. */
const smallAnswer = 64 * 1024;

/** An answer that nobody reads is not kept for ever. */
function cutSlowReader(raw: ServerResponse, readMs: number): void {
  const cut = setTimeout(() => raw.destroy(), readMs);
  raw.once('close', () => {
    clearTimeout(cut);
  });
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

function refuseAtOnce(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  keepUnderWay(reply.raw, reply);
  void reply.headers(commonHeaders(request));
  done(errorOf(request.raw));
}

function errorOf({ url = '', rawHeaders, httpVersion }: IncomingMessage): Failure | undefined {
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
