import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { followCertificate, listenOn, originOf } from './app.listen.js';
import { openParts, type Extras, type Parts } from './app.parts.js';
import { openServer, type ApiServer } from './app.server.js';
import type { Configuration } from './platform/config/load.js';
import { openManagement } from './platform/entry/management.js';
import type { Logger } from './platform/telemetry/log.js';
import { tellSealing, tellTidying } from './platform/telemetry/store-telemetry.js';
import { keepSealing } from './store/sealer.js';
import { keepTidy } from './store/tidy.js';

export { version } from './app.parts.js';

/** A gateway that listens. */
export interface RunningApp {
  /** `http://host:port`, with the base path if there is one. */
  readonly url: string;
  /** Where health and metrics are. */
  readonly managementUrl: string;
  readonly app: NestFastifyApplication;
  /** Uses the configuration file afresh, if there is one. */
  reload(): void;
  /** Stops without losing a request. Resolves to true if nothing had to be left unknown. */
  stop(): Promise<boolean>;
  /** Once it has stopped: is a file still being read, which the end of the process would wait for? */
  readonly isHeldUp: boolean;
}

const defaultDelaySeconds = 5;
const defaultTimeoutSeconds = 30;
/** How long the end waits for a look at the configuration that is under way. */
const unfollowMs = 1000;

/** How long starting waits for the first write to the store. */
const firstWriteMs = 1000;

/** Builds the application on a checked configuration, without listening. */
export async function buildApp(
  configuration: Configuration,
  log: Logger,
  extras: Extras = {},
): Promise<Parts & ApiServer> {
  const parts = await openParts(configuration, log, extras);
  return { ...parts, ...(await openServer(configuration.server, parts, extras)) };
}

/** Builds the application and listens. */
export async function startApp(configuration: Configuration, log: Logger, extras: Extras = {}): Promise<RunningApp> {
  const { server } = configuration;
  const built = await buildApp(configuration, log, extras);
  const { app, readiness, operations, current, live, storeWatch, clock } = built;
  const host = await listenOn(server, log, (host) => app.listen({ host, port: server.port ?? 8080 }));
  const certificate = followCertificate(server, app.getHttpServer(), built);
  const management = server.management && openManagement(built.refuse, built);
  await management?.listen({ host, port: server.management?.port ?? 0 });
  operations.keep(
    () => current.snapshot.targets,
    () => live.look(),
  );
  storeWatch.start();
  const tidying = startTidying(configuration, built);
  const sealing = startSealing(built);
  live.start();
  built.notifier.start();
  certificate?.start();
  readiness.ready = true;
  // A store that is there has been written by then; without it this replica listens, and is not ready.
  const late = new AbortController();
  await Promise.race([storeWatch.look(), clock.sleep(firstWriteMs, late.signal)]);
  late.abort();
  const origin = originOf(host, app.getHttpServer());
  let isHeldUp = false;
  return {
    app,
    url: `${origin}${server.basePath ?? ''}`,
    managementUrl: management ? originOf(host, management.server) : origin,
    reload: () => {
      live.reload();
      certificate?.reload();
    },
    get isHeldUp() {
      return isHeldUp;
    },
    stop: async () => {
      const drained = drain(configuration, built);
      const unfollowed = Promise.all([live.stop(), certificate?.stop()]);
      const clean = await drained;
      // A file on a disk that does not answer may be read for ever.
      const inTime = new AbortController();
      isHeldUp = await Promise.race([
        unfollowed.then(() => false),
        clock.sleep(unfollowMs, inTime.signal).then(() => true),
      ]);
      inTime.abort();
      await app.close();
      await management?.close();
      await tidying.stop();
      await built.notifier.stop();
      await sealing?.stop();
      await closeParts(built);
      await extras.tracer?.stop();
      return clean;
    },
  };
}

/** Deletes what is too old. */
function startTidying({ store }: Configuration, { journal, clock, storeWatch, metrics, log }: Parts) {
  return keepTidy(
    journal,
    store,
    clock,
    tellTidying(metrics, log, store, () => void storeWatch.look()),
  );
}

/** Seals what is over, unless the store is gone with the process. */
function startSealing({ journal: { seals }, clock, storeWatch, metrics, audit, log }: Parts) {
  return (
    seals &&
    keepSealing(
      seals,
      clock,
      tellSealing(metrics, audit, log, clock, () => void storeWatch.look()),
    )
  );
}

/** Is not ready from this moment on, and lets what runs end. */
function drain({ server }: Configuration, { app, drain: draining }: ApiServer): Promise<boolean> {
  const { delaySeconds = defaultDelaySeconds, timeoutSeconds = defaultTimeoutSeconds } = server.drain ?? {};
  return draining.run(app.getHttpServer(), { delayMs: delaySeconds * 1000, timeoutMs: timeoutSeconds * 1000 });
}

async function closeParts({ refused, storeWatch, operations, current, journal }: Parts): Promise<void> {
  storeWatch.stop();
  await refused.stop();
  await operations.stop();
  await current.close();
  await journal.close();
}
