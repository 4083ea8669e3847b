import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { version, type Extras, type Parts } from './app.parts.js';
import type { Failure } from './core/model/failure.js';
import { readKeyPair } from './platform/config/key-pair.js';
import type { ServerConfig } from './platform/config/server.config.js';
import { serveConsole } from './platform/docs/console.js';
import { serveDocs } from './platform/docs/openapi.js';
import { serveProblems } from './platform/docs/problems.js';
import { AdmitGuard } from './platform/entry/admit.js';
import { Drain } from './platform/entry/drain.js';
import { serveManagement } from './platform/entry/management.js';
import { OverloadGate } from './platform/entry/overload-gate.js';
import type { Readiness } from './platform/entry/readiness.js';
import { refusedCall, refusedKindOf, refusedUnread } from './platform/entry/refused-call.js';
import { stackOf } from './platform/entry/stack.js';
import { AcceptPipe } from './platform/http/accept.pipe.js';
import { openFastify, type Refuse } from './platform/http/fastify.js';
import { OperationFailure, ProblemFilter } from './platform/http/problem.filter.js';
import { Routes } from './platform/http/routes.js';
import { logDefect, refusedCallOf, tellUnhooked } from './platform/telemetry/access-log.js';

/** The server of the API, which does not listen yet. */
export interface ApiServer {
  readonly app: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly drain: Drain;
  readonly refuse: Refuse;
}

/** Builds the server of the API: the stack that each request passes, Nest with the resources, and the documentation. */
export async function openServer(server: ServerConfig, parts: Parts, { tracer }: Extras): Promise<ApiServer> {
  const { basePath = '', docs = true, trustedProxies = [], keepAliveSeconds } = server;
  const { log, clock, operations, limits, metrics, audit } = parts;
  const readiness: Readiness = { ready: false, store: parts.storeWatch };
  const drain = new Drain(operations, readiness, clock, log);
  const filter = new ProblemFilter(tellRefusalsOf(parts, basePath), basePath);
  const refuse: Refuse = (error, request, reply) => {
    filter.answer(error, request, reply);
  };
  const routes = new Routes();
  const unhooked = tellUnhooked({ log, metrics, routes, audit, tracer }, ({ method, route, failure, requestId }) => {
    const kind = refusedKindOf(method, route, basePath);
    if (kind !== undefined) parts.refused.tell(refusedUnread(kind, failure, requestId));
  });
  const overload = new OverloadGate(limits.shedding, unhooked);
  const stack = stackOf({ ...parts, routes, overload, drain, tracer });
  const guard = new AdmitGuard(stack);
  const adapter = openFastify(stack, refuse, {
    ...(keepAliveSeconds === undefined ? {} : { keepAliveMs: keepAliveSeconds * 1000 }),
    ...{ trustedProxies, unhooked, tls: server.tls && readKeyPair(server.tls) },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of({ ...parts, basePath }, guard), adapter, {
    bodyParser: false,
    logger: false,
  });
  app.useGlobalPipes(new AcceptPipe());
  app.useGlobalFilters(filter);
  if (basePath !== '') app.setGlobalPrefix(basePath);
  serveDocs(app, version, docs);
  // Probes and the addresses of problems know no base path.
  const prefixes = [...new Set(['', basePath])];
  const fastify = adapter.getInstance<FastifyInstance>();
  serveProblems(fastify, prefixes);
  const folder = new URL('../dist/console/', import.meta.url);
  serveConsole(fastify, { basePath, docs, console: server.console ?? true, folder });
  if (server.management === undefined) {
    const admit = guard.admit.bind(guard);
    serveManagement(fastify, prefixes, { scrape: metrics.scrape, readiness, admit });
  }
  await app.init();
  return { app, readiness, drain, refuse };
}

/** Counts every refusal, records that of a call that would have changed something, and logs defects. */
function tellRefusalsOf({ metrics, audit, log, refused }: Parts, basePath: string) {
  return (failure: Failure, request: FastifyRequest): void => {
    metrics.refused(failure.kind);
    if (!(failure instanceof OperationFailure)) {
      audit.refused(failure, refusedCallOf(request));
      const kind = refusedKindOf(request.method, request.facts.route, basePath);
      if (kind !== undefined) refused.tell(refusedCall(request, kind, failure));
    }
    logDefect(log, failure, request);
  };
}
