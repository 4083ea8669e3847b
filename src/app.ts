import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { systemClock } from './core/model/clock.js';
import type { Failure } from './core/model/failure.js';
import { Engine } from './core/engine/engine.js';
import type { LeaseTimes } from './core/engine/leases.js';
import { keepStatuses } from './platform/entry/ask.js';
import type { Configuration } from './platform/config/load.js';
import { LiveConfiguration } from './platform/live/live-configuration.js';
import type { Source } from './platform/live/reload.js';
import { CurrentSnapshot, openSnapshot, type Snapshot } from './platform/live/snapshot.js';
import { openApiOf, serveDocs } from './platform/docs/openapi.js';
import { serveProblems } from './platform/docs/problems.js';
import { AcceptPipe } from './platform/http/accept.pipe.js';
import { openFastify, type Refuse } from './platform/http/fastify.js';
import { refuseUnrouted, Routes } from './platform/http/methods.js';
import { RequestLimits } from './platform/limits/request-limits.js';
import { OverloadGate } from './platform/entry/overload-gate.js';
import { Drain } from './platform/entry/drain.js';
import { openManagement, serveManagement, type Readiness } from './platform/entry/management.js';
import { OperationFailure, ProblemFilter } from './platform/http/problem.filter.js';
import { Audit } from './platform/telemetry/audit.js';
import { logDefect, logRequests, refusedCallOf, tellUnhooked } from './platform/telemetry/access-log.js';
import { HealthBoard } from './platform/telemetry/health-board.js';
import type { Logger } from './platform/telemetry/log.js';
import { Metrics } from './platform/telemetry/metrics.js';
import { StoreWatch } from './store/store-watch.js';
import { openJournal } from './store/open.js';
import { keepTidy } from './store/tidy.js';
import { traceRequests, type Tracer } from './platform/telemetry/request-trace.js';
import { isStoreDown, tellStore } from './platform/telemetry/store-telemetry.js';
import { watchersOf } from './platform/live/watchers.js';

/** A gateway that listens. */
export interface Running {
  /** `http://host:port`, with the base path if there is one. */
  readonly url: string;
  /** Where health and metrics are. */
  readonly managementUrl: string;
  readonly app: NestFastifyApplication;
  /** Uses the configuration file afresh, if there is one. */
  reload(): void;
  /** Stops without losing a request. Resolves to true if nothing had to be left unknown. */
  stop(): Promise<boolean>;
}

/** The version of this program. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const defaultDelaySeconds = 5;
const defaultTimeoutSeconds = 30;

/** What an application may be given besides its configuration. */
export interface Extras {
  /** Where the configuration came from: it is followed from then on. */
  readonly source?: Source;
  /** Follows requests. */
  readonly tracer?: Tracer;
  /** Shorter ones, for tests. */
  readonly leases?: LeaseTimes;
}

/** Builds the application on a checked configuration, without listening. */
export async function buildApp(configuration: Configuration, log: Logger, { source, tracer, leases }: Extras = {}) {
  const { server } = configuration;
  const { basePath = '', docs = true } = server;
  const clock = systemClock;
  const journal = await openJournal(configuration.store);
  const operations = new Engine(journal, clock, randomUUID(), { ...(leases ? { leases } : {}) });
  const audit = new Audit(log);
  const metrics = new Metrics(version, {
    running: () => operations.running,
    oldestSeconds: () => operations.oldestRunningMs / 1000,
  });
  const health = new HealthBoard();
  const watchers = watchersOf(metrics, health, log, (target) => current.snapshot.targets.named(target) !== undefined);
  const open = (checked: Configuration, before?: Snapshot) => openSnapshot(checked, watchers, clock, before);
  const current = new CurrentSnapshot(open(configuration));
  metrics.startAtZero(current.snapshot.targets.all);
  const limits = new RequestLimits(configuration.limits);
  const live = new LiveConfiguration({ current, open, limits, metrics, health, clock, log }, source ?? null);
  const storeWatch = new StoreWatch(
    journal,
    clock,
    tellStore(metrics, log, () => current.snapshot.targets.all),
  );
  operations.listeners.onEnd((operation) => {
    metrics.operationEnded(operation);
    audit.ended(operation);
    if (operation.targets.some(({ state }) => state === 'unknown')) void storeWatch.look();
  });
  operations.listeners.onChange((operation) => {
    audit.changed(operation);
    void storeWatch.look();
  });
  operations.listeners.onError((operation, thrown) => {
    metrics.recordFailed();
    if (operation === null && isStoreDown(thrown)) void storeWatch.look();
    else log.error({ operation, err: thrown }, 'the record of an operation could not be completed');
  });
  const tellRefusal = (failure: Failure, request: FastifyRequest): void => {
    metrics.refused(failure.kind);
    if (!(failure instanceof OperationFailure)) audit.refused(failure, refusedCallOf(request));
    logDefect(log, failure, request);
  };
  const filter = new ProblemFilter(tellRefusal, basePath);
  const refuse: Refuse = (error, request, reply) => {
    filter.answer(error, request, reply);
  };
  const routes = new Routes();
  const unhooked = tellUnhooked({ log, metrics, routes, audit, tracer });
  const overload = new OverloadGate(limits.shedding, unhooked);
  const { gate } = overload;
  const adapter = openFastify(refuse, { trustedProxies: server.trustedProxies ?? [], unhooked, gate });
  const fastify = adapter.getInstance<FastifyInstance>();
  const readiness: Readiness = { ready: false };
  const drain = new Drain(fastify, operations, readiness, clock, log);
  if (tracer) traceRequests(fastify, tracer);
  refuseUnrouted(fastify, routes);
  logRequests(fastify, log, metrics);
  overload.guard(fastify, metrics.registry);
  keepStatuses(fastify);
  const parts = { clock, journal, operations, current, limits, health, basePath };
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(parts), adapter, {
    bodyParser: false,
    logger: false,
  });
  app.useGlobalPipes(new AcceptPipe());
  app.useGlobalFilters(filter);
  if (basePath !== '') app.setGlobalPrefix(basePath);
  const document = openApiOf(app, version);
  serveDocs(app, document, docs);
  // Probes and the addresses of problems know no base path.
  const prefixes = [...new Set(['', basePath])];
  serveProblems(fastify, prefixes);
  if (server.management === undefined) serveManagement(fastify, prefixes, metrics.registry, readiness);
  await app.init();
  return { app, document, metrics, readiness, current, live, drain, refuse, operations, storeWatch, journal };
}

/** Builds the application and listens. */
export async function startApp(configuration: Configuration, log: Logger, extras: Extras = {}): Promise<Running> {
  const { server } = configuration;
  const { app, metrics, readiness, current, live, drain, refuse, operations, storeWatch, journal } = await buildApp(
    configuration,
    log,
    extras,
  );
  const host = server.host ?? '0.0.0.0';
  await app.listen({ host, port: server.port ?? 8080 });
  const management = server.management && openManagement(refuse, { log, metrics, readiness });
  await management?.listen({ host, port: server.management?.port ?? 0 });
  operations.keep(() => current.snapshot.targets);
  storeWatch.start();
  const tidying = keepTidy(journal, configuration.store, systemClock, (thrown) => {
    if (isStoreDown(thrown)) void storeWatch.look();
    else log.warn({ err: thrown }, 'what is too old could not be deleted: it is tried again');
  });
  live.start();
  readiness.ready = true;
  const origin = originOf(host, app.getHttpServer().address());
  return {
    app,
    url: `${origin}${server.basePath ?? ''}`,
    managementUrl: management ? originOf(host, management.server.address()) : origin,
    reload: () => {
      live.reload();
    },
    stop: async () => {
      await live.stop();
      const { delaySeconds = defaultDelaySeconds, timeoutSeconds = defaultTimeoutSeconds } = server.drain ?? {};
      const clean = await drain.run({ delayMs: delaySeconds * 1000, timeoutMs: timeoutSeconds * 1000 });
      await app.close();
      await management?.close();
      storeWatch.stop();
      await tidying.stop();
      await operations.stop();
      await current.close();
      await journal.close();
      await extras.tracer?.stop();
      return clean;
    },
  };
}

function originOf(host: string, address: string | AddressInfo | null): string {
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
