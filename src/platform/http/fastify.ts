import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { maxBodyBytes } from './body.js';
import { keepUnderWay, refuseBroken } from './broken.js';
import { Connections } from './connections.js';
import { trust } from './forwarded.js';
import { parseQuery } from './query.js';
import { receiveRequest, requestIdOf } from './receive.js';
import { applySteps, type Step } from './step.js';
import type { TellUnhooked } from './unhooked.js';

/** Above the limits of `receive`, so that it is us who refuse, and can say what. */
const hardLimitBytes = 48 * 1024;
/**
 * Longer than what stands in front of a replica keeps an idle connection, which is a minute as a rule: that one closes.
 */
const defaultKeepAliveMs = 72_000;

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
  /** Milliseconds for which an idle connection is kept. */
  readonly keepAliveMs?: number;
  /** A certificate and its key, in PEM: then it speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Hears of answers that pass no hook. */
  readonly unhooked?: TellUnhooked;
}

/** Answers with what went wrong. */
export type Refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

/** The HTTP server, which does to each request what the stack says. Callers who are slow are cut. */
export function openFastify(stack: readonly Step[], refuse: Refuse, options: HttpOptions = {}): FastifyAdapter {
  const { trustedProxies = [], headersMs = 5000, requestMs = 10_000, checkEveryMs = 500, readMs } = options;
  const { keepAliveMs = defaultKeepAliveMs, unhooked = () => undefined, tls } = options;
  const how = {
    maxHeaderSize: hardLimitBytes,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkEveryMs,
    // Node would refuse a missing Host without a word: it is us who refuse.
    requireHostHeader: false,
  };
  const gates = stack.flatMap(({ gate }) => gate ?? []);
  const serverFactory = (handle: RequestListener): Server => {
    const connections = new Connections((request, response) => {
      if (gates.some((gate) => gate(request, response))) keepUnderWay(response, null);
      else handle(request, response);
    }, readMs);
    const take: RequestListener = (request, response) => {
      // Fastify answers the address `*` by itself, past every step: it is made one that is nowhere either.
      if (request.url === '*') request.url = '/*';
      connections.take(request, response);
    };
    const server = tls ? openTls({ ...how, ...tls, handshakeTimeout: headersMs }, take) : createServer(how, take);
    server.on('listening', () => {
      connections.start();
    });
    server.on('close', () => {
      connections.stop();
    });
    return server;
  };
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    serverFactory,
    trustProxy: trustedProxies.length > 0 && trust(trustedProxies),
    routerOptions: { maxParamLength: hardLimitBytes, querystringParser: parseQuery },
    requestIdHeader: false,
    genReqId: requestIdOf,
    logger: false,
    // What Fastify cannot route at all passes no hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      receiveRequest(request, reply);
      refuse(error, request, reply);
      const { id: requestId, method, facts } = request;
      unhooked({ requestId, method, address: null, status: reply.statusCode, failure: null, code: facts.code });
    },
    clientErrorHandler: (error: Error, socket: Socket) => {
      refuseBroken(error, socket, unhooked);
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  applySteps(fastify, stack);
  // An expectation that nobody knows is ignored, as RFC 9110 (10.1.1) allows: Node would refuse it without a word.
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  return adapter;
}

/** A server of HTTPS. Who does not speak TLS is cut: nothing that could be said would be understood. */
function openTls(options: ServerOptions, take: RequestListener): Server {
  const server = createTlsServer({ ...options, minVersion: 'TLSv1.2' }, take);
  server.removeAllListeners('tlsClientError').on('tlsClientError', (_error: Error, socket: Socket) => {
    socket.destroy();
  });
  return server;
}
